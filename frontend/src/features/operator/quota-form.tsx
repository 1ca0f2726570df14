import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AccountQuotas, OwnQuotas } from '@/domain/types'
import { digits } from '@/lib/digits'
import { Field } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { Saving } from '@/ui/saving'

const NAMES = ['targets', 'monitors', 'contacts'] as const
type Name = (typeof NAMES)[number]

interface Props {
  quotas: AccountQuotas
  busy: boolean
  saved: boolean
  error: unknown
  onSave: (own: OwnQuotas) => void
}

/** How much one account may have; what is left empty is as for all. */
export function QuotaForm({ quotas: { own, quotas }, busy, saved, error, onSave }: Props) {
  const { t } = useTranslation()
  const faults = useFaults()
  const [form, setForm] = useState<Record<Name, string>>({ targets: text(own.targets), monitors: text(own.monitors), contacts: text(own.contacts) })
  return (
    <form
      className="card grid gap-4 px-5 py-4"
      onSubmit={(e) => {
        e.preventDefault()
        onSave({ targets: bound(form.targets), monitors: bound(form.monitors), contacts: bound(form.contacts) })
      }}
    >
      <div className="grid gap-4 sm:grid-cols-3">
        {NAMES.map((name) => {
          const { limit, used } = quotas[name]
          return (
            <Field key={name} label={t(`operator.quotas.${name}`)} hint={limit === null ? t('operator.quotas.unbound', { used }) : t('operator.quotas.now', { used, limit })} name={name} inputMode="numeric" autoComplete="off" maxLength={7} value={form[name]} error={faults.field(error, name)} onChange={(e) => { setForm({ ...form, [name]: e.target.value }) }} />
          )
        })}
      </div>
      {error ? <Fault>{faults.whole(error)}</Fault> : null}
      <Saving label={t('form.save')} busy={busy} done={saved ? t('form.saved') : ''} />
    </form>
  )
}

const text = (n: number | null | undefined) => (n == null ? '' : String(n))
const bound = (typed: string) => (digits(typed) ? Number(digits(typed)) : null)
