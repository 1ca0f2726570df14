import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Contact } from '@/domain/types'
import { Button } from '@/ui/button'

interface Props {
  contacts: readonly Contact[]
  /** Whose link was just mailed again. */
  resent: number | null
  busy: boolean
  /** Which one is unfolded, and what stands there. */
  open: number | null
  details: (c: Contact) => ReactNode
  onOpen: (id: number | null) => void
  onResend: (id: number) => void
  onRemove: (c: Contact) => void
}

export function ContactList({ contacts, resent, busy, open, details, onOpen, onResend, onRemove }: Props) {
  const { t } = useTranslation()
  if (!contacts.length) return <p className="card px-5 py-4">{t('contacts.none')}</p>
  return (
    <ul className="card divide-y divide-hairline">
      {contacts.map((c) => (
        <li key={c.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3">
          <div className="min-w-0 flex-1 basis-60">
            <p className="font-semibold">{c.email}</p>
            <p className={`text-sm ${c.verified_at ? 'text-ok' : 'text-wr'}`}>{c.verified_at ? t('contacts.verified') : t('contacts.waiting')}</p>
          </div>
          {resent === c.id && (
            <span role="status" className="text-sm text-ok">
              {t('contacts.resent')}
            </span>
          )}
          {!c.verified_at && (
            <>
              <Button aria-expanded={open === c.id} aria-label={`${t('contacts.code')}: ${c.email}`} onClick={() => { onOpen(open === c.id ? null : c.id) }}>
                {t('contacts.code')}
              </Button>
              <Button disabled={busy} aria-label={`${t('contacts.resend')}: ${c.email}`} onClick={() => { onResend(c.id) }}>
                {t('contacts.resend')}
              </Button>
            </>
          )}
          <Button aria-label={`${t('contacts.remove')}: ${c.email}`} onClick={() => { onRemove(c) }}>
            {t('contacts.remove')}
          </Button>
          {open === c.id && !c.verified_at && <div className="basis-full border-t border-hairline pt-3">{details(c)}</div>}
        </li>
      ))}
    </ul>
  )
}
