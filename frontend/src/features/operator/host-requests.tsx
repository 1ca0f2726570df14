import { useTranslation } from 'react-i18next'
import type { HostRequest } from '@/domain/types'
import type { Words } from '@/i18n/words'
import { Button } from '@/ui/button'

interface Props {
  requests: readonly HostRequest[]
  words: Words
  now: number
  busy: boolean
  onAllow: (host: string) => void
  onDrop: (id: number) => void
}

/** Hosts that somebody asks to allow, with what was written about them. */
export function HostRequests({ requests, words, now, busy, onAllow, onDrop }: Props) {
  const { t } = useTranslation()
  if (!requests.length) return <p className="card px-5 py-4">{t('operator.requests.none')}</p>
  return (
    <ul className="card divide-y divide-hairline">
      {requests.map((r) => (
        <li key={r.id} className="flex flex-wrap items-center gap-x-3 gap-y-2 px-5 py-3">
          <div className="min-w-0 flex-1 basis-60">
            <p className="font-semibold wrap-anywhere">{r.host_display}</p>
            {r.note && <p className="break-words whitespace-pre-wrap">{r.note}</p>}
            <p className="text-sm wrap-anywhere text-muted">
              {r.email} · {words.moment(r.created_at, now)}
            </p>
          </div>
          <Button look="primary" disabled={busy} aria-label={`${t('operator.requests.allow')}: ${r.host_display}`} onClick={() => { onAllow(r.host) }}>
            {t('operator.requests.allow')}
          </Button>
          <Button disabled={busy} aria-label={`${t('operator.requests.drop')}: ${r.host_display}`} onClick={() => { onDrop(r.id) }}>
            {t('operator.requests.drop')}
          </Button>
        </li>
      ))}
    </ul>
  )
}
