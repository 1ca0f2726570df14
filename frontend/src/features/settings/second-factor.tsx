import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '@/ui/button'
import { CodeField } from '@/ui/code-form'
import { CopyText } from '@/ui/copy-text'
import { FactorField, NO_FACTOR, typedProof } from '@/ui/factor-field'
import { Field, Tick } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { Saving } from '@/ui/saving'

interface PasswordProps {
  email: string
  submit: string
  busy: boolean
  error: unknown
  onSubmit: (password: string) => void
}

/** Only who knows the password may begin. */
export function StartFactor({ email, submit, busy, error, onSubmit }: PasswordProps) {
  const { t } = useTranslation()
  const faults = useFaults()
  const [password, setPassword] = useState('')
  return (
    <form
      className="card grid gap-4 px-5 py-4"
      onSubmit={(e) => {
        e.preventDefault()
        onSubmit(password)
      }}
    >
      <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
      <Field label={t('settings.password.current')} name="password" type="password" autoComplete="current-password" required value={password} error={faults.field(error, 'password')} onChange={(e) => { setPassword(e.target.value) }} />
      {error ? <Fault>{faults.whole(error)}</Fault> : null}
      <Saving label={submit} busy={busy} done="" />
    </form>
  )
}

/** Codes that each replace the second factor once; seen now and never again. */
export function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const { t } = useTranslation()
  const [kept, setKept] = useState(false)
  return (
    <div className="card grid gap-4 px-5 py-4">
      <p role="status" className="font-semibold">{t('settings.totp.codes')}</p>
      <p>{t('settings.totp.codes.text')}</p>
      <CopyText text={codes.join('\n')} what={t('settings.totp.codes')} />
      <Tick label={t('settings.totp.codes.kept')} checked={kept} onChange={(e) => { setKept(e.target.checked) }} />
      <div>
        <Button look="primary" large disabled={!kept} onClick={onDone}>{t('form.close')}</Button>
      </div>
    </div>
  )
}

export interface Proof {
  password: string
  code?: string
  recovery_code?: string
}

interface ProofProps {
  title: string
  text: string
  email: string
  submit: string
  /** A recovery code does too. */
  recovery: boolean
  busy: boolean
  error: unknown
  onSubmit: (p: Proof) => void
}

/** Password and code, folded away until wanted. */
export function ProofForm({ title, text, email, submit, recovery, busy, error, onSubmit }: ProofProps) {
  const { t } = useTranslation()
  const faults = useFaults()
  const [password, setPassword] = useState('')
  const [factor, setFactor] = useState(NO_FACTOR)
  return (
    <details className="card px-5 py-3">
      <summary className="font-semibold">{title}</summary>
      <form
        className="mt-3 grid gap-4"
        onSubmit={(e) => {
          e.preventDefault()
          onSubmit({ password, ...typedProof(factor, 'code') })
        }}
      >
        <p>{text}</p>
        <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
        <Field label={t('settings.password.current')} name="password" type="password" autoComplete="current-password" required value={password} error={faults.field(error, 'password')} onChange={(e) => { setPassword(e.target.value) }} />
        {recovery ? (
          <FactorField typed={factor} error={faults.code(error)} onChange={setFactor} />
        ) : (
          <CodeField label={t('auth.totp')} code={factor.code} error={faults.code(error)} onChange={(code) => { setFactor({ code, lost: false }) }} />
        )}
        {error && !faults.code(error) ? <Fault>{faults.whole(error)}</Fault> : null}
        <Saving label={submit} busy={busy} done="" />
      </form>
    </details>
  )
}
