import { useTranslation } from 'react-i18next'
import { digits } from '@/lib/digits'
import { Button } from '@/ui/button'
import { CodeField } from '@/ui/code-form'
import { Field } from '@/ui/field'

/** A second factor's proof as it is typed. */
export interface TypedFactor {
  code: string
  /** The phone is lost: it is a recovery code. */
  lost: boolean
}

export const NO_FACTOR: TypedFactor = { code: '', lost: false }

/** What the API takes of it; `name` is what it calls the app's code there. */
export function typedProof<N extends 'code' | 'totp'>({ code, lost }: TypedFactor, name: N): Partial<Record<N | 'recovery_code', string>> {
  return (lost ? { recovery_code: code.trim() } : { [name]: digits(code) }) as Partial<Record<N | 'recovery_code', string>>
}

interface Props {
  typed: TypedFactor
  error: string | undefined
  /** It is why the form is there. */
  first?: boolean
  onChange: (typed: TypedFactor) => void
}

/** The app's six digits, or a recovery code for who lost the phone. */
export function FactorField({ typed, error, first = false, onChange }: Props) {
  const { t } = useTranslation()
  const { code, lost } = typed
  const change = (text: string) => { onChange({ code: text, lost }) }
  return (
    <div className="grid gap-1">
      {lost ? (
        <Field key="recovery" label={t('auth.recovery')} hint={t('auth.recovery.hint')} name="recovery_code" autoComplete="off" autoCapitalize="none" spellCheck={false} required autoFocus value={code} error={error} onChange={(e) => { change(e.target.value) }} />
      ) : (
        <CodeField key="totp" first={first} label={t('auth.totp')} hint={t('auth.totp.hint')} code={code} error={error} onChange={change} />
      )}
      <div>
        <Button look="quiet" className="px-0!" onClick={() => { onChange({ code: '', lost: !lost }) }}>
          {t(lost ? 'auth.totp.use' : 'auth.recovery.use')}
        </Button>
      </div>
    </div>
  )
}
