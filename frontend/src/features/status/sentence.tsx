import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { protocolName, shownName, type ProblemMonitor, type Reason, type StatusSummary } from '@/domain/types'
import type { Words } from '@/i18n/words'
import { Mark } from '@/ui/mark'

interface Props {
  status: StatusSummary
  words: Words
  now: number
}

/** At most this many problems stand in the box; the list below has them all. */
const SHOWN = 5

/** One sentence with the whole truth, and the problems. */
export function Sentence({ status, words, now }: Props) {
  const { t } = useTranslation()
  const burning = status.overall === 'trouble'
  return (
    <section aria-label={t('nav.status')} className={`card px-5 py-4 ${burning ? 'border-l-4 border-l-fire' : ''}`}>
      <div className="flex flex-wrap items-baseline justify-between gap-x-6">
        <h1 className={`text-xl font-semibold ${burning ? 'text-fire' : ''}`}>
          <span role="status">{useTruth(status)}</span>
        </h1>
        {status.checked_at && <p className="text-sm text-muted">{t('sentence.checked', { time: words.moment(status.checked_at, now, true) })}</p>}
      </div>
      {burning && (
        <ul className="mt-3 grid gap-2">
          {status.problems.slice(0, SHOWN).map((p) => (
            <ProblemRow key={p.monitor_id} problem={p} words={words} now={now} />
          ))}
        </ul>
      )}
      {status.problems.length > SHOWN && <p className="mt-2 text-sm text-muted">{t('sentence.more', { count: status.problems.length - SHOWN })}</p>}
    </section>
  )
}

function ProblemRow({ problem, words, now }: { problem: ProblemMonitor; words: Words; now: number }) {
  const { t } = useTranslation()
  // The description gives the reason as plain text; its values are Result's.
  const reason = problem.reason ? words.reason(problem.reason as Reason) : t('mark.none')
  const time = problem.since ? words.moment(problem.since, now) : '–'
  const age = problem.since ? words.length((now - Date.parse(problem.since)) / 1000) : '–'
  const lines = words.seenOn(problem.lines)
  const stopped = problem.state === 'stopped'
  return (
    <li className="flex gap-2">
      <span className="flex h-[1.6em] items-center">
        <Mark name={stopped ? 'stopped' : 'ng'} burning label={stopped ? t('mark.stopped') : t('count.down')} />
      </span>
      <p>
        <Link to="/monitors/$id" params={{ id: problem.monitor_id }} className="font-semibold text-fire underline">
          {shownName(problem)} {protocolName(problem.service, problem.port)}
        </Link>{' '}
        <span>
          {stopped
            ? t('problem.stopped', { time, reason })
            : lines
              ? t('problem.down', { reason, lines, time, age })
              : t('problem.down_plain', { reason, time, age })}
        </span>
      </p>
    </li>
  )
}

function useTruth({ overall, counts }: StatusSummary): string {
  const { t, i18n } = useTranslation()
  const total = counts.up + counts.down + counts.pending + counts.stopped + counts.paused
  if (overall === 'empty') return t('sentence.empty')
  const parts: string[] = []
  if (counts.down) parts.push(t('sentence.down', { count: counts.down, total }))
  if (counts.stopped) parts.push(t('sentence.stopped', { count: counts.stopped }))
  if (!parts.length && counts.up) parts.push(counts.up === total ? t('sentence.well', { count: total }) : t('sentence.some_well', { up: counts.up, total }))
  if (counts.pending) parts.push(t('sentence.pending', { count: counts.pending }))
  if (counts.paused) parts.push(t('sentence.paused', { count: counts.paused }))
  return parts.join(i18n.language === 'ja' ? '' : ' ')
}
