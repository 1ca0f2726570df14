import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LoginRequest } from '@/domain/types'
import { Button } from '@/ui/button'
import { FactorField, NO_FACTOR, typedProof } from '@/ui/factor-field'
import { Field, Tick } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'

interface Props {
  /** Whose session ended; undefined: anybody may sign in. */
  email?: string
  busy: boolean
  error: unknown
  /** Offered when the address still waits for its link. */
  onResend?: ((email: string) => void) | null
  /** The version to accept, once the terms have changed. */
  terms: string | null
  /** The second factor's code is wanted too. */
  second: boolean
  onSubmit: (who: LoginRequest) => void
}

export function SignInForm({ email: known, busy, error, onResend, terms, second, onSubmit }: Props) {
  const { t } = useTranslation()
  const faults = useFaults()
  const [form, setForm] = useState({ email: known ?? '', password: '', accepted: false, factor: NO_FACTOR })
  const set = (change: Partial<typeof form>) => { setForm({ ...form, ...change }) }
  return (
    <form
      className="grid gap-4"
      onSubmit={(e) => {
        e.preventDefault()
        onSubmit({ email: form.email.trim(), password: form.password, ...(terms ? { accept_terms: terms } : {}), ...(second ? typedProof(form.factor, 'totp') : {}) })
      }}
    >
      <Field label={t('form.email')} name="email" type="email" autoComplete="username" required readOnly={known !== undefined} value={form.email} onChange={(e) => { set({ email: e.target.value }) }} />
      <Field label={t('form.password')} name="password" type="password" autoComplete="current-password" required data-first={known === undefined ? undefined : true} value={form.password} onChange={(e) => { set({ password: e.target.value }) }} />
      {second && <FactorField first typed={form.factor} error={faults.code(error)} onChange={(factor) => { set({ factor }) }} />}
      {error && !(second && faults.code(error)) ? <Fault>{faults.whole(error)}</Fault> : null}
      {onResend && (
        <div>
          <Button look="quiet" onClick={() => { onResend(form.email.trim()) }}>
            {t('sign_in.resend')}
          </Button>
        </div>
      )}
      {terms && (
        <div>
          <Tick label={t('form.accept')} name="accept" required checked={form.accepted} onChange={(e) => { set({ accepted: e.target.checked }) }} />
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
