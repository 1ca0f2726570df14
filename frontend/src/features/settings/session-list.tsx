import { useTranslation } from 'react-i18next'
import { deviceName } from '@/domain/device'
import type { SessionInfo } from '@/domain/types'
import type { Words } from '@/i18n/words'
import { Button } from '@/ui/button'

interface Props {
  sessions: readonly SessionInfo[]
  words: Words
  now: number
  busy: boolean
  onEnd: (id: string) => void
}

/** Where the account is signed in, the last used first. */
export function SessionList({ sessions, words, now, busy, onEnd }: Props) {
  const { t } = useTranslation()
  return (
    <ul className="card divide-y divide-hairline">
      {sessions.map((s) => {
        const name = deviceName(s.user_agent) ?? t('settings.sessions.unknown')
        return (
          <li key={s.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3">
            <div className="min-w-0 flex-1 basis-60">
              <p className="font-semibold" title={s.user_agent}>
                {name}
              </p>
              <p className="text-sm text-muted">
                {s.current ? <span className="text-ok">{t('settings.sessions.current')}</span> : t('settings.sessions.used', { time: words.moment(s.used_at, now) })}
                {' · '}
                {t('settings.sessions.since', { time: words.moment(s.created_at, now) })}
              </p>
            </div>
            {!s.current && (
              <Button disabled={busy} aria-label={`${t('settings.sessions.end')}: ${name}`} onClick={() => { onEnd(s.id) }}>
                {t('settings.sessions.end')}
              </Button>
            )}
          </li>
        )
      })}
    </ul>
  )
}
