import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '@/ui/button'
import { Field, Tick } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'

interface Props {
  busy: boolean
  error: unknown
  /** Offered when the address still waits for its link. */
  onResend: ((email: string) => void) | null
  /** The version to accept, once the terms have changed. */
  terms: string | null
  onSubmit: (email: string, password: string, terms: string | null) => void
}

export function SignInForm({ busy, error, onResend, terms, onSubmit }: Props) {
  const { t } = useTranslation()
  const faults = useFaults()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [accepted, setAccepted] = useState(false)
  return (
    <form
      className="grid gap-4"
      onSubmit={(e) => {
        e.preventDefault()
        onSubmit(email.trim(), password, terms)
      }}
    >
      <Field label={t('form.email')} name="email" type="email" autoComplete="username" required value={email} onChange={(e) => { setEmail(e.target.value) }} />
      <Field label={t('form.password')} name="password" type="password" autoComplete="current-password" required value={password} onChange={(e) => { setPassword(e.target.value) }} />
      {error ? <Fault>{faults.whole(error)}</Fault> : null}
      {onResend && (
        <div>
          <Button look="quiet" onClick={() => { onResend(email.trim()) }}>
            {t('sign_in.resend')}
          </Button>
        </div>
      )}
      {terms && (
        <div>
          <Tick label={t('form.accept')} name="accept" required checked={accepted} onChange={(e) => { setAccepted(e.target.checked) }} />
          <a className="ml-8 text-sm text-link" href="/terms" target="_blank" rel="noopener">
            {t('form.terms')}
          </a>
        </div>
      )}
      <Button type="submit" look="primary" large disabled={busy}>
        {busy ? t('form.busy') : t('sign_in.do')}
      </Button>
    </form>
  )
}
