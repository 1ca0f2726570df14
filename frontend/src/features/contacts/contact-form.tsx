import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { NewContact } from '@/domain/types'
import { Button } from '@/ui/button'
import { Choice, Field, Tick } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'

interface Props {
  /** The address that our mails come from, if mail is sent. */
  from: string | null
  busy: boolean
  error: unknown
  added: string | null
  onSubmit: (c: NewContact) => void
}

/** The domain of `Name <a@b>` or `a@b`. */
const domainOf = (from: string) => /@([^>\s]+)/.exec(from)?.[1]

export function ContactForm({ from, busy, error, added, onSubmit }: Props) {
  const { t, i18n } = useTranslation()
  const faults = useFaults()
  const [email, setEmail] = useState('')
  const [locale, setLocale] = useState<'ja' | 'en'>(i18n.language === 'ja' ? 'ja' : 'en')
  const [short, setShort] = useState(false)
  const domain = from ? domainOf(from) : undefined
  return (
    <form
      className="card grid gap-4 px-5 py-4"
      noValidate // browsers refuse addresses such as abc..def@docomo.ne.jp, which exist
      onSubmit={(e) => {
        e.preventDefault()
        onSubmit({ email: email.trim(), locale, short_form: short })
      }}
    >
      <Field label={t('contacts.email')} name="email" type="text" inputMode="email" autoComplete="off" autoCapitalize="none" spellCheck={false} required maxLength={254} value={email} hint={domain ? t('contacts.phone', { domain }) : t('contacts.phone_plain')} error={faults.field(error, 'email')} onChange={(e) => { setEmail(e.target.value) }} />
      <Choice label={t('contacts.locale')} value={locale} onChange={(e) => { setLocale(e.target.value === 'ja' ? 'ja' : 'en') }}>
        <option value="ja">日本語</option>
        <option value="en">English</option>
      </Choice>
      <Tick label={t('contacts.short')} name="short" checked={short} onChange={(e) => { setShort(e.target.checked) }} />
      {error ? <Fault>{faults.whole(error)}</Fault> : null}
      {added && (
        <p role="status" className="text-ok">
          {t('contacts.added', { email: added })}
        </p>
      )}
      <div>
        <Button type="submit" look="primary" large disabled={busy || !email.trim()}>
          {busy ? t('form.busy') : t('contacts.add')}
        </Button>
      </div>
    </form>
  )
}
