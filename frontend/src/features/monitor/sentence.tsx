import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { burns, monitorMark, type Incident, type Monitor } from '@/domain/types'
import { milliseconds, type Words } from '@/i18n/words'
import { Mark } from '@/ui/mark'

interface Props {
  monitor: Monitor
  /** The open incident, if its report is here. */
  incident: Incident | undefined
  words: Words
  now: number
  /** Below the words. */
  children?: ReactNode
}

/** What is the matter with this monitor, in words. */
export function MonitorSentence({ monitor: m, incident, words, now, children }: Props) {
  const { t, i18n } = useTranslation()
  const burning = burns(m)
  const [first, ...rest] = useSentences(m, incident, words, now)
  return (
    <div className={`card px-5 py-4 ${burning ? 'border-l-4 border-l-fire' : ''}`}>
      <p className={`flex items-start gap-2 text-lg font-semibold ${burning ? 'text-fire' : ''}`}>
        <span className="flex h-[1.6em] items-center">
          <Mark name={monitorMark(m)} burning={burning} {...(m.status === null && m.state === 'active' ? { label: t('mark.none') } : {})} />
        </span>
        {first}
      </p>
      {rest.length > 0 && <p className="mt-1 ml-6">{rest.join(i18n.language === 'ja' ? '' : ' ')}</p>}
      {children}
    </div>
  )
}

function useSentences(m: Monitor, incident: Incident | undefined, words: Words, now: number): string[] {
  const { t } = useTranslation()
  const reason = m.reason ? words.reason(m.reason) : t('mark.none')
  const when = (iso: string) => words.moment(iso, now)
  const age = (iso: string) => words.length((now - Date.parse(iso)) / 1000)
  if (m.state === 'stopped') {
    return [t('monitor.sentence.stopped', { time: when(m.stopped_at ?? m.verdict_since) }), t('monitor.sentence.stopped.why', { reason }), t('monitor.sentence.stopped.do')]
  }
  if (m.state === 'paused') return [t('monitor.sentence.paused', { time: when(m.stopped_at ?? m.verdict_since) })]
  const failed = m.status !== null && m.status !== 'ok' && m.status !== 'unknown'
  switch (m.verdict) {
    case 'down': {
      const since = incident?.started_at ?? m.verdict_since
      const cause = failed ? reason : incident ? words.reason(incidentReason(incident)) : reason
      const lines = incident ? words.seenOn(incident.lines) : null
      return [
        t('monitor.sentence.down', { time: when(since), age: age(since), reason: cause }),
        ...(lines ? [t('monitor.sentence.down.lines', { lines })] : []),
        ...(incident?.mailed_at ? [t('monitor.sentence.down.mailed', { time: when(incident.mailed_at) })] : []),
        ...(m.status === 'ok' ? [t('monitor.sentence.down.good')] : []),
      ]
    }
    case 'up':
      return [
        t('monitor.sentence.up', { time: when(m.verdict_since), age: age(m.verdict_since) }),
        ...(failed ? [t('monitor.sentence.up.wavers', { reason })] : []),
        ...(m.status === 'ok' && m.rtt_us !== null ? [t('monitor.sentence.up.now', { reason, rtt: milliseconds(m.rtt_us) })] : []),
      ]
    case 'pending':
      if (m.status === null) return [t('monitor.sentence.pending.none')]
      if (m.status === 'ok') return [t('monitor.sentence.pending.good', { reason })]
      return [m.status === 'unknown' ? t('monitor.sentence.pending.unknown', { reason }) : t('monitor.sentence.pending.bad', { reason })]
  }
}

/** An incident's cause is one of Result's reasons, described as plain text. */
export function incidentReason(i: Incident): NonNullable<Monitor['reason']> {
  return i.cause as NonNullable<Monitor['reason']>
}
