import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Field } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { Saving } from '@/ui/saving'

interface Props {
  email: string
  busy: boolean
  error: unknown
  onSubmit: (email: string) => void
}

export function ForgotForm({ email: first, busy, error, onSubmit }: Props) {
  const { t } = useTranslation()
  const faults = useFaults()
  const [email, setEmail] = useState(first)
  return (
    <form
      className="grid gap-4"
      onSubmit={(e) => {
        e.preventDefault()
        onSubmit(email.trim())
      }}
    >
      <Field label={t('form.email')} name="email" type="email" autoComplete="username" required maxLength={254} value={email} error={faults.field(error, 'email')} onChange={(e) => { setEmail(e.target.value) }} />
      {error ? <Fault>{faults.whole(error)}</Fault> : null}
      <Saving label={t('auth.forgot.do')} busy={busy} done="" />
    </form>
  )
}
