import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { InviteRequest } from '@/domain/types'
import { Choice, Field } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { Saving } from '@/ui/saving'

/** Offered lives of an invitation, in days. */
const LIVES = [1, 7, 30] as const

interface Props {
  busy: boolean
  error: unknown
  onSubmit: (r: InviteRequest) => void
}

export function InviteForm({ busy, error, onSubmit }: Props) {
  const { t } = useTranslation()
  const faults = useFaults()
  const [email, setEmail] = useState('')
  const [days, setDays] = useState<number>(7)
  return (
    <form
      className="card grid gap-4 px-5 py-4"
      onSubmit={(e) => {
        e.preventDefault()
        const to = email.trim()
        onSubmit({ expires_days: days, ...(to ? { email: to } : {}) })
      }}
    >
      <Field label={t('operator.invites.email')} hint={t('operator.invites.email.hint')} name="email" type="email" autoComplete="off" maxLength={254} value={email} error={faults.field(error, 'email')} onChange={(e) => { setEmail(e.target.value) }} />
      <Choice label={t('settings.tokens.life')} name="days" value={days} error={faults.field(error, 'expires_days')} onChange={(e) => { setDays(Number(e.target.value)) }}>
        {LIVES.map((n) => (
          <option key={n} value={n}>{t('every.days', { count: n })}</option>
        ))}
      </Choice>
      {error ? <Fault>{faults.whole(error)}</Fault> : null}
      <Saving label={t('operator.invites.do')} busy={busy} done="" />
    </form>
  )
}
