import { useState } from 'react'
import { digits } from '@/lib/digits'
import { Field } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { Saving } from '@/ui/saving'

interface Props {
  label: string
  hint?: string
  /** What the button says. */
  submit: string
  busy: boolean
  error: unknown
  onSubmit: (code: string) => void
}

/** Six digits from a mail, so that a phone need not leave the page. */
export function CodeForm({ label, hint, submit, busy, error, onSubmit }: Props) {
  const faults = useFaults()
  const [code, setCode] = useState('')
  return (
    <form
      className="grid gap-4"
      onSubmit={(e) => {
        e.preventDefault()
        onSubmit(digits(code))
      }}
    >
      <CodeField label={label} hint={hint} code={code} error={faults.code(error)} onChange={setCode} />
      {error && !faults.code(error) ? <Fault>{faults.whole(error)}</Fault> : null}
      <Saving label={submit} busy={busy} done="" disabled={digits(code).length !== 6} />
    </form>
  )
}

interface FieldProps {
  label: string
  hint?: string | undefined
  code: string
  error?: string | undefined
  /** It is why the form is there. */
  first?: boolean
  onChange: (code: string) => void
}

export function CodeField({ label, hint, code, error, first = false, onChange }: FieldProps) {
  return (
    <Field label={label} hint={hint} error={error} name="code" inputMode="numeric" autoComplete="one-time-code" maxLength={12} required placeholder="000000" autoFocus={first} data-first={first || undefined} value={code} onChange={(e) => { onChange(e.target.value) }} />
  )
}
