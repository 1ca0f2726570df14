import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { contactStanding, type Contact } from '@/domain/types'
import { Tick } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { Saving } from '@/ui/saving'

interface Props {
  contacts: readonly Contact[]
  /** Who is told of this server; null: everybody. */
  chosen: readonly number[] | null
  busy: boolean
  saved: boolean
  error: unknown
  onSave: (chosen: number[] | null) => void
}

/** Who is mailed about a server: every contact, or some. */
export function TargetContacts({ contacts, chosen, busy, saved, error, onSave }: Props) {
  const { t } = useTranslation()
  const faults = useFaults()
  const [all, setAll] = useState(chosen === null)
  const [ids, setIds] = useState<readonly number[]>(chosen ?? [])
  const told = contacts.filter((c) => contactStanding(c) === 'reached' && (all || ids.includes(c.id)))
  return (
    <form
      className="grid gap-3"
      onSubmit={(e) => {
        e.preventDefault()
        onSave(all ? null : [...ids])
      }}
    >
      <fieldset className="grid gap-1">
        <legend className="sr-only">{t('target.contacts')}</legend>
        <Way checked={all} label={t('target.contacts.all')} onChoose={() => { setAll(true) }} />
        <Way checked={!all} label={t('target.contacts.some')} onChoose={() => { setAll(false) }} />
        {!all && (
          <div className="ml-8">
            {contacts.map((c) => (
              <Tick key={c.id} name={`contact-${c.id}`} label={<span className="wrap-anywhere">{c.email}</span>} hint={contactStanding(c) === 'reached' ? undefined : t('target.contacts.silent')} checked={ids.includes(c.id)} onChange={(e) => { setIds(e.target.checked ? [...ids, c.id] : ids.filter((x) => x !== c.id)) }} />
            ))}
          </div>
        )}
      </fieldset>
      {told.length === 0 && <p className="text-wr">{t('target.contacts.nobody')}</p>}
      {error ? <Fault>{faults.field(error, 'contact_ids') ?? faults.whole(error)}</Fault> : null}
      <Saving label={t('form.save')} busy={busy} done={saved ? t('form.saved') : ''} />
    </form>
  )
}

function Way({ checked, label, onChoose }: { checked: boolean; label: string; onChoose: () => void }) {
  return (
    <label className="flex min-h-9 items-start gap-3 py-1.5">
      <input type="radio" name="who" className="mt-1 size-5 shrink-0 accent-link" checked={checked} onChange={onChoose} />
      <span>{label}</span>
    </label>
  )
}
