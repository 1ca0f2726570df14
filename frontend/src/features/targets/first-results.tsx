import { useTranslation } from 'react-i18next'
import { checkFirst, protocolName, type Monitor } from '@/domain/types'
import type { Words } from '@/i18n/words'
import { MonitorRow } from './monitor-row'
import { Button } from '@/ui/button'
import { CheckFirst } from '@/ui/check-first'

interface Props {
  monitors: readonly Monitor[]
  words: Words
  now: number
  every: string
  /** More than 10 seconds have gone by. */
  late: boolean
  busy: boolean
  onUntick: (monitorId: number) => void
}

/** The first results of a new target, as they come in. */
export function FirstResults({ monitors, words, now, every, late, busy, onUntick }: Props) {
  const { t } = useTranslation()
  const waiting = monitors.filter((m) => m.status === null).length
  const bad = monitors.filter((m) => m.status !== null && m.status !== 'ok').length
  const summary =
    waiting > 0 ? (late ? t('first.late') : t('first.waiting')) : bad > 0 ? t('first.bad', { count: bad }) : t('first.good', { count: monitors.length, every })
  return (
    <section className="card">
      <div className="px-4 py-3">
        <h2 className="font-semibold">{t('first.title')}</h2>
        <p role="status" className="text-muted">
          {monitors.length ? summary : t('target.none')}
        </p>
      </div>
      <ul>
        {monitors.map((m) => {
          const failed = m.status !== null && m.status !== 'ok'
          return (
            <MonitorRow
              key={m.id}
              monitor={m}
              words={words}
              now={now}
              action={
                failed && (
                  <Button disabled={busy} aria-label={t('first.untick_name', { service: protocolName(m.service, m.port) })} onClick={() => { onUntick(m.id) }}>
                    {t('first.untick')}
                  </Button>
                )
              }
            >
              {failed && m.reason && <CheckFirst keys={checkFirst(m.reason, m.service)} />}
            </MonitorRow>
          )
        })}
      </ul>
    </section>
  )
}
