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
  onSubmit: (c: { new_email: string; password: string }) => void
}

/** Asks for another sign-in address; it counts once it is confirmed. */
export function AddressForm({ email, busy, error, onSubmit }: Props) {
  const { t } = useTranslation()
  const faults = useFaults()
  const [form, setForm] = useState({ new_email: '', password: '' })
  return (
    <form
      className="card grid gap-4 px-5 py-4"
      onSubmit={(e) => {
        e.preventDefault()
        onSubmit({ ...form, new_email: form.new_email.trim() })
      }}
    >
      <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
      <Field label={t('settings.address.new')} name="new_email" type="email" autoComplete="email" required maxLength={254} value={form.new_email} error={faults.field(error, 'new_email')} onChange={(e) => { setForm({ ...form, new_email: e.target.value }) }} />
      <Field label={t('settings.password.current')} name="password" type="password" autoComplete="current-password" required value={form.password} error={faults.field(error, 'password')} onChange={(e) => { setForm({ ...form, password: e.target.value }) }} />
      {error ? <Fault>{faults.whole(error)}</Fault> : null}
      <Saving label={t('settings.address.do')} busy={busy} done="" />
    </form>
  )
}
