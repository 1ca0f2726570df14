import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Locale, Me, MePatch } from '@/domain/types'
import { zones } from '@/lib/zone'
import { Choice } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { Saving } from '@/ui/saving'

interface Props {
  me: Me
  busy: boolean
  saved: boolean
  error: unknown
  onSave: (p: MePatch) => void
}

/** Language and time zone of the account. */
export function ProfileForm({ me, busy, saved, error, onSave }: Props) {
  const { t } = useTranslation()
  const faults = useFaults()
  const [form, setForm] = useState<{ locale: Locale; time_zone: string }>({ locale: me.locale, time_zone: me.time_zone })
  return (
    <form
      className="card grid gap-4 px-5 py-4"
      onSubmit={(e) => {
        e.preventDefault()
        onSave(form)
      }}
    >
      <Choice label={t('form.locale')} hint={t('settings.locale.hint')} name="locale" value={form.locale} error={faults.field(error, 'locale')} onChange={(e) => { setForm({ ...form, locale: e.target.value === 'ja' ? 'ja' : 'en' }) }}>
        <option value="ja">日本語</option>
        <option value="en">English</option>
      </Choice>
      <Choice label={t('form.zone')} hint={t('settings.zone.hint')} name="time_zone" value={form.time_zone} error={faults.field(error, 'time_zone')} onChange={(e) => { setForm({ ...form, time_zone: e.target.value }) }}>
        {zones(me.time_zone).map((z) => (
          <option key={z}>{z}</option>
        ))}
      </Choice>
      {error ? <Fault>{faults.whole(error)}</Fault> : null}
      <Saving label={t('form.save')} busy={busy} done={saved ? t('form.saved') : ''} />
    </form>
  )
}
