import { useTranslation } from 'react-i18next'
import type { StoredMail } from '@/domain/types'
import type { Words } from '@/i18n/words'
import { Button } from '@/ui/button'

interface Props {
  mails: readonly StoredMail[]
  words: Words
  now: number
  busy: boolean
  /** Which was asked to be tried again just now. */
  tried: string | null
  onRetry: (id: string) => void
}

/** Mails on their way or past it: to whom, of what kind, and how it went; not what they say. */
export function MailList({ mails, words, now, busy, tried, onRetry }: Props) {
  const { t } = useTranslation()
  if (!mails.length) return <p className="card px-5 py-4">{t('operator.mails.none')}</p>
  return (
    <ul className="card divide-y divide-hairline">
      {mails.map((m) => (
        <li key={m.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3">
          <div className="min-w-0 flex-1 basis-60">
            <p className="wrap-anywhere">
              <span className="font-semibold">{m.to}</span> {m.kind && t(`mail.${m.kind}`)}
            </p>
            <p className="text-sm text-muted">
              {words.moment(m.date, now)}
              {m.attempts > 0 && ` · ${t('operator.mails.attempts', { count: m.attempts })}`}
              {m.state === 'pending' && m.next_try_at && ` · ${t('operator.mails.next', { time: words.moment(m.next_try_at, now) })}`}
              {m.failed_at && ` · ${t('operator.mails.given_up', { time: words.moment(m.failed_at, now) })}`}
              {m.sent_at && ` · ${t('contacts.history.sent', { time: words.moment(m.sent_at, now) })}`}
            </p>
            {m.error && <p className="text-sm wrap-anywhere text-wr">{m.error}</p>}
          </div>
          <span role="status" className="text-sm text-ok">{tried === m.id ? t('operator.mails.tried') : ''}</span>
          {(m.state === 'pending' || m.state === 'failed') && (
            <Button disabled={busy} aria-label={`${t('operator.mails.retry')}: ${m.to}`} onClick={() => { onRetry(m.id) }}>
              {t('operator.mails.retry')}
            </Button>
          )}
        </li>
      ))}
    </ul>
  )
}
