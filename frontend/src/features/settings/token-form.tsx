import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { SCOPES, type NewApiToken, type Scope } from '@/domain/types'
import { Choice, Field, Tick } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { Saving } from '@/ui/saving'

const DAY = 86_400_000

/** Offered lives of a token, in days; 0: without end. */
const LIVES = [30, 90, 365, 0] as const

interface Props {
  busy: boolean
  error: unknown
  onSubmit: (t: NewApiToken) => void
}

/** Name, what it may do, and until when. */
export function TokenForm({ busy, error, onSubmit }: Props) {
  const { t } = useTranslation()
  const faults = useFaults()
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<readonly Scope[]>(['read'])
  const [days, setDays] = useState<number>(90)
  const scopeFault = faults.field(error, 'scopes')
  return (
    <form
      className="card grid gap-4 px-5 py-4"
      onSubmit={(e) => {
        e.preventDefault()
        const end = days ? { expires_at: new Date(Date.now() + days * DAY).toISOString() } : {}
        onSubmit({ name: name.trim(), scopes: [...scopes], ...end })
      }}
    >
      <Field label={t('settings.tokens.name')} hint={t('settings.tokens.name.hint')} name="name" required maxLength={100} autoComplete="off" value={name} error={faults.field(error, 'name')} onChange={(e) => { setName(e.target.value) }} />
      <fieldset>
        <legend className="font-semibold">{t('settings.tokens.scopes')}</legend>
        {SCOPES.map((s) => (
          <Tick
            key={s}
            label={<><code>{s}</code> <span className="text-muted">{t(`settings.scope.${s}`)}</span></>}
            name={s}
            checked={scopes.includes(s)}
            onChange={(e) => { setScopes(e.target.checked ? [...scopes, s] : scopes.filter((x) => x !== s)) }}
          />
        ))}
        {scopeFault && <p className="text-sm text-ng">{scopeFault}</p>}
        <p className="text-sm text-muted">{t('settings.tokens.never')}</p>
      </fieldset>
      <Choice label={t('settings.tokens.life')} name="life" value={days} error={faults.field(error, 'expires_at')} onChange={(e) => { setDays(Number(e.target.value)) }}>
        {LIVES.map((d) => (
          <option key={d} value={d}>
            {d ? t('every.days', { count: d }) : t('settings.tokens.for_ever')}
          </option>
        ))}
      </Choice>
      {error ? <Fault>{faults.whole(error)}</Fault> : null}
      <Saving label={t('settings.tokens.make')} busy={busy} done="" disabled={!name.trim() || !scopes.length} />
    </form>
  )
}
