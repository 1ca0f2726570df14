import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { burns, shownName, type Target } from '@/domain/types'
import type { Words } from '@/i18n/words'
import { MonitorRow } from './monitor-row'
import { Button } from '@/ui/button'

interface Props {
  target: Target
  words: Words
  now: number
  onResume: (monitorId: number) => void
}

/** A host with its services. */
export function TargetCard({ target, words, now, onResume }: Props) {
  const { t } = useTranslation()
  const burning = target.monitors.some(burns)
  return (
    <article className={`card ${burning ? 'border-l-4 border-l-fire' : ''}`}>
      <h3 className="flex flex-wrap items-baseline gap-x-3 px-4 py-2">
        <Link to="/targets/$id" params={{ id: target.id }} className="text-base font-semibold text-ink underline decoration-hairline hover:decoration-current">
          {shownName(target)}
        </Link>
        {target.label && <span className="text-sm text-muted">{target.host_display}</span>}
        {target.host !== target.host_display && <span className="text-sm text-muted">{target.host}</span>}
      </h3>
      {target.monitors.length === 0 && <p className="border-t border-hairline px-4 py-2 text-muted">{t('target.none')}</p>}
      <ul>
        {target.monitors.map((m) => (
          <MonitorRow
            key={m.id}
            monitor={m}
            words={words}
            now={now}
            action={
              m.state === 'active' ? null : (
                <Button large onClick={() => { onResume(m.id) }}>
                  {t(`monitor.resume.${m.state}`)}
                </Button>
              )
            }
          />
        ))}
      </ul>
    </article>
  )
}
