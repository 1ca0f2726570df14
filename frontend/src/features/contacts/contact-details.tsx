import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Contact, ContactMail, ContactPatch } from '@/domain/types'
import type { Words } from '@/i18n/words'
import { Button } from '@/ui/button'
import { Choice, Tick } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { Saving } from '@/ui/saving'

interface EditProps {
  contact: Contact
  busy: boolean
  saved: boolean
  error: unknown
  onSave: (p: ContactPatch) => void
}

/** Language and length of its mails. */
export function ContactEdit({ contact, busy, saved, error, onSave }: EditProps) {
  const { t } = useTranslation()
  const faults = useFaults()
  const [form, setForm] = useState({ locale: contact.locale, short_form: contact.short_form })
  return (
    <form
      className="grid gap-3"
      onSubmit={(e) => {
        e.preventDefault()
        onSave(form)
      }}
    >
      <Choice label={t('contacts.locale')} value={form.locale} onChange={(e) => { setForm({ ...form, locale: e.target.value === 'ja' ? 'ja' : 'en' }) }}>
        <option value="ja">日本語</option>
        <option value="en">English</option>
      </Choice>
      <Tick label={t('contacts.short')} name="short" checked={form.short_form} onChange={(e) => { setForm({ ...form, short_form: e.target.checked }) }} />
      {error ? <Fault>{faults.whole(error)}</Fault> : null}
      <Saving label={t('form.save')} busy={busy} done={saved ? t('form.saved') : ''} />
    </form>
  )
}

interface TestProps {
  busy: boolean
  sent: boolean
  error: unknown
  onTest: () => void
}

/** A mail such as an alert is, to see that it arrives. */
export function ContactTest({ busy, sent, error, onTest }: TestProps) {
  const { t } = useTranslation()
  const faults = useFaults()
  return (
    <div className="grid gap-1">
      <div className="flex flex-wrap items-center gap-3">
        <Button disabled={busy} onClick={onTest}>{t('contacts.test')}</Button>
        <span role="status" className="text-sm text-ok">{sent ? t('contacts.tested') : ''}</span>
      </div>
      {error ? <Fault>{faults.whole(error)}</Fault> : null}
    </div>
  )
}

interface HistoryProps {
  mails: readonly ContactMail[]
  words: Words
  now: number
}

/** What was mailed to it, the newest first. */
export function ContactHistory({ mails, words, now }: HistoryProps) {
  const { t } = useTranslation()
  return (
    <div>
      <h3 className="font-semibold">{t('contacts.history')}</h3>
      {mails.length === 0 && <p className="text-muted">{t('contacts.history.none')}</p>}
      <ul>
        {mails.map((m) => (
          <li key={m.id} className="flex flex-wrap gap-x-3">
            <span className="text-muted">{words.moment(m.created_at, now)}</span>
            <span>{t(`mail.${m.kind}`)}</span>
            <Fate mail={m} words={words} now={now} />
          </li>
        ))}
      </ul>
    </div>
  )
}

function Fate({ mail: m, words, now }: { mail: ContactMail; words: Words; now: number }) {
  const { t } = useTranslation()
  if (m.sent_at) return <span className="text-ok">{t('contacts.history.sent', { time: words.moment(m.sent_at, now) })}</span>
  if (m.failed_at) return <span className="wrap-anywhere text-wr">{[t('contacts.history.failed', { time: words.moment(m.failed_at, now) }), m.error].filter(Boolean).join(' · ')}</span>
  return <span className="text-muted">{t('contacts.history.pending')}</span>
}
