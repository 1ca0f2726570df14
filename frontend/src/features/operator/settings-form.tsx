import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Settings, SettingsPatch } from '@/domain/types'
import { digits } from '@/lib/digits'
import { Area, Choice, Field } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { Saving } from '@/ui/saving'

const REGISTRATIONS = ['open', 'invite', 'closed'] as const

interface Props {
  settings: Settings
  busy: boolean
  saved: boolean
  error: unknown
  onSave: (p: SettingsPatch) => void
}

/** What may be changed while the service runs; left empty it is as configured. */
export function SettingsForm({ settings, busy, saved, error, onSave }: Props) {
  const { t } = useTranslation()
  const faults = useFaults()
  const { configured, announcement } = settings
  const [form, setForm] = useState({
    registration: settings.registration ?? '',
    stopAfter: settings.stop_after === null ? '' : String(settings.stop_after),
    ja: announcement?.ja ?? '',
    en: announcement?.en ?? '',
  })
  const set = (change: Partial<typeof form>) => { setForm({ ...form, ...change }) }
  const never = t('operator.settings.never')
  return (
    <form
      className="card grid gap-4 px-5 py-4"
      onSubmit={(e) => {
        e.preventDefault()
        onSave({
          registration: REGISTRATIONS.find((r) => r === form.registration) ?? null,
          stop_after: digits(form.stopAfter) ? Number(digits(form.stopAfter)) : null,
          announcement: { ja: form.ja.trim(), en: form.en.trim() },
        })
      }}
    >
      <Choice label={t('operator.settings.registration')} name="registration" value={form.registration} error={faults.field(error, 'registration')} onChange={(e) => { set({ registration: e.target.value }) }}>
        <option value="">{t('operator.settings.configured', { what: t(`operator.settings.registration.${configured.registration}`) })}</option>
        {REGISTRATIONS.map((r) => (
          <option key={r} value={r}>{t(`operator.settings.registration.${r}`)}</option>
        ))}
      </Choice>
      <Field label={t('operator.settings.stop')} hint={`${t('operator.settings.stop.hint')} ${t('operator.settings.configured', { what: configured.stop_after || never })}`} name="stop_after" inputMode="numeric" autoComplete="off" maxLength={4} value={form.stopAfter} error={faults.field(error, 'stop_after')} onChange={(e) => { set({ stopAfter: e.target.value }) }} />
      <Area label={t('operator.settings.announcement.ja')} name="announcement_ja" lang="ja" maxLength={1000} value={form.ja} error={faults.field(error, 'announcement.ja')} onChange={(e) => { set({ ja: e.target.value }) }} />
      <Area label={t('operator.settings.announcement.en')} name="announcement_en" lang="en" hint={t('operator.settings.announcement.hint')} maxLength={1000} value={form.en} error={faults.field(error, 'announcement.en')} onChange={(e) => { set({ en: e.target.value }) }} />
      {error ? <Fault>{faults.whole(error)}</Fault> : null}
      <Saving label={t('form.save')} busy={busy} done={saved ? t('form.saved') : ''} />
    </form>
  )
}
