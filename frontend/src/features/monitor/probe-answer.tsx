import { useTranslation } from 'react-i18next'
import { checkFirst, type LineProbe, type Protocol } from '@/domain/types'
import { milliseconds, type Words } from '@/i18n/words'
import { CheckFirst } from '@/ui/check-first'
import { Mark } from '@/ui/mark'

/** What every line found just now. */
export function ProbeAnswer({ lines, service, words }: { lines: readonly LineProbe[]; service: Protocol; words: Words }) {
  const { t } = useTranslation()
  return (
    <div className="card mt-3" role="status">
      <p className="px-4 py-2 text-sm text-muted">{t('monitor.probed')}</p>
      <ul>
        {lines.map((l) => (
          <li key={l.line} className="border-t border-hairline px-4 py-2">
            <div className="flex flex-wrap items-center gap-x-3">
              <Mark name={l.status} label={t(`status.${l.status}`)} />
              <span className="font-semibold">{words.line(l.line)}</span>
              <span>{words.reason(l.reason)}</span>
              {l.rtt_us !== null && <span className="text-muted">{milliseconds(l.rtt_us)}</span>}
              {l.address && <code className="text-sm text-muted">{l.address}</code>}
            </div>
            {l.echoes && <Echoes echoes={l.echoes} />}
            {l.status !== 'ok' && <CheckFirst keys={checkFirst(l.reason, service)} />}
          </li>
        ))}
      </ul>
    </div>
  )
}

function Echoes({ echoes: e }: { echoes: NonNullable<LineProbe['echoes']> }) {
  const { t } = useTranslation()
  const { min_us: min, avg_us: avg, max_us: max, stddev_us: dev, received, sent } = e
  return (
    <p className="ml-7 text-sm text-muted">
      {min === null || avg === null || max === null || dev === null
        ? t('monitor.probe.lost', { received, sent })
        : t('monitor.probe.echoes', { received, sent, min: milliseconds(min), avg: milliseconds(avg), max: milliseconds(max), dev: milliseconds(dev) })}
    </p>
  )
}
