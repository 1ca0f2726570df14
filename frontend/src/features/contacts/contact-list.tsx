import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { contactStanding, type Contact } from '@/domain/types'
import type { Words } from '@/i18n/words'
import { Button } from '@/ui/button'

interface Props {
  contacts: readonly Contact[]
  words: Words
  now: number
  /** Whose link was just mailed again. */
  resent: number | null
  busy: boolean
  /** Which one is unfolded, and what stands there. */
  open: number | null
  details: (c: Contact) => ReactNode
  onOpen: (id: number | null) => void
  onResend: (c: Contact) => void
  onRemove: (c: Contact) => void
}

export function ContactList({ contacts, words, now, resent, busy, open, details, onOpen, onResend, onRemove }: Props) {
  const { t } = useTranslation()
  if (!contacts.length) return <p className="card px-5 py-4">{t('contacts.none')}</p>
  return (
    <ul className="card divide-y divide-hairline">
      {contacts.map((c) => {
        const standing = contactStanding(c)
        const waits = standing !== 'reached'
        return (
          <li key={c.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3">
            <div className="min-w-0 flex-1 basis-60">
              <p className="font-semibold wrap-anywhere">{c.email}</p>
              <Standing contact={c} words={words} now={now} />
            </div>
            {resent === c.id && (
              <span role="status" className="text-sm text-ok">
                {t('contacts.resent')}
              </span>
            )}
            <Button aria-expanded={open === c.id} aria-label={`${t(waits ? 'contacts.code' : 'contacts.details')}: ${c.email}`} onClick={() => { onOpen(open === c.id ? null : c.id) }}>
              {t(waits ? 'contacts.code' : 'contacts.details')}
            </Button>
            {waits && (
              <Button disabled={busy} aria-label={`${t(c.verified_at ? 'contacts.again' : 'contacts.resend')}: ${c.email}`} onClick={() => { onResend(c) }}>
                {t(c.verified_at ? 'contacts.again' : 'contacts.resend')}
              </Button>
            )}
            <Button aria-label={`${t('contacts.remove')}: ${c.email}`} onClick={() => { onRemove(c) }}>
              {t('contacts.remove')}
            </Button>
            {open === c.id && <div className="mt-2 basis-full border-t border-hairline pt-3">{details(c)}</div>}
          </li>
        )
      })}
    </ul>
  )
}

/** Whether it gets alerts, and why not. */
function Standing({ contact: c, words, now }: { contact: Contact; words: Words; now: number }) {
  const { t } = useTranslation()
  switch (contactStanding(c)) {
    case 'reached':
      return (
        <>
          <p className="text-sm text-ok">{t('contacts.verified')}</p>
          {c.bounce && <p className="text-sm wrap-anywhere text-wr">{t('contacts.refused', { text: c.bounce })}</p>}
        </>
      )
    case 'unsubscribed':
      return <p className="text-sm text-wr">{t('contacts.unsubscribed', { time: words.moment(c.unsubscribed_at ?? '', now) })}</p>
    case 'bounced':
      return (
        <>
          <p className="text-sm text-wr">{t('contacts.bounced', { time: words.moment(c.bounced_at ?? '', now) })}</p>
          {c.bounce && <p className="text-sm wrap-anywhere text-muted">{c.bounce}</p>}
        </>
      )
    case 'waiting':
      return <p className="text-sm text-wr">{t('contacts.waiting')}</p>
  }
}
