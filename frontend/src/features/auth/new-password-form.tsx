import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { digits } from '@/lib/digits'
import { CodeField } from '@/ui/code-form'
import { Field } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { Saving } from '@/ui/saving'

interface Props {
  /** The mail's code is typed in too; else a link brought its token. */
  byCode: boolean
  busy: boolean
  error: unknown
  onSubmit: (password: string, code: string) => void
}

/** A new password for somebody who forgot the old one. */
export function NewPasswordForm({ byCode, busy, error, onSubmit }: Props) {
  const { t } = useTranslation()
  const faults = useFaults()
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  return (
    <form
      className="grid gap-4"
      onSubmit={(e) => {
        e.preventDefault()
        onSubmit(password, digits(code))
      }}
    >
      {byCode && <CodeField first label={t('auth.code')} code={code} error={faults.code(error)} onChange={setCode} />}
      <Field label={t('settings.password.new')} hint={t('form.password.hint')} name="new_password" type="password" autoComplete="new-password" required minLength={8} maxLength={128} value={password} error={faults.field(error, 'new_password')} onChange={(e) => { setPassword(e.target.value) }} />
      {error && !faults.code(error) ? <Fault>{faults.whole(error)}</Fault> : null}
      <Saving label={t('auth.reset.do')} busy={busy} done="" />
    </form>
  )
}
