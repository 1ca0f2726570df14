import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { PasswordRequest } from '@/domain/types'
import { Field } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { Saving } from '@/ui/saving'

interface Props {
  email: string
  busy: boolean
  done: boolean
  error: unknown
  onSubmit: (p: PasswordRequest) => void
}

/** The present password and a new one; the address is there for password managers. */
export function PasswordForm({ email, busy, done, error, onSubmit }: Props) {
  const { t } = useTranslation()
  const faults = useFaults()
  const [form, setForm] = useState<PasswordRequest>({ current_password: '', new_password: '' })
  return (
    <form
      className="card grid gap-4 px-5 py-4"
      onSubmit={(e) => {
        e.preventDefault()
        onSubmit(form)
      }}
    >
      <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
      <Field label={t('settings.password.current')} name="current_password" type="password" autoComplete="current-password" required value={form.current_password} error={faults.field(error, 'current_password')} onChange={(e) => { setForm({ ...form, current_password: e.target.value }) }} />
      <Field label={t('settings.password.new')} hint={t('form.password.hint')} name="new_password" type="password" autoComplete="new-password" required minLength={8} maxLength={128} value={form.new_password} error={faults.field(error, 'new_password')} onChange={(e) => { setForm({ ...form, new_password: e.target.value }) }} />
      {error ? <Fault>{faults.whole(error)}</Fault> : null}
      <Saving label={t('settings.password.do')} busy={busy} done={done ? t('settings.password.done') : ''} />
    </form>
  )
}
