import { useCallback, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { RoundTrip, type Curve } from '@/charts/round-trip'
import type { Cell } from '@/domain/lanes'
import type { Report } from '@/domain/types'
import { milliseconds, type Words } from '@/i18n/words'
import { Button } from '@/ui/button'

const DAY = 86_400_000

interface Props {
  cells: ReadonlyMap<string, readonly Cell[]>
  from: number
  now: number
  reach: number
  report: Report | undefined
  words: Words
}

/** Round trips by line, as curves and as numbers. */
export function RoundTrips({ cells, from, now, reach, report, words }: Props) {
  const { t } = useTranslation()
  const [all, setAll] = useState(false)
  const curves = useMemo<Curve[]>(() => [...cells].map(([name, list]) => ({ name, label: words.line(name), cells: list })), [cells, words])
  const moment = useCallback((at: number) => (all ? words.day(at) : words.moment(at, now)), [all, words, now])
  const range = (value: boolean, label: string) => (
    <Button aria-pressed={all === value} className={all === value ? 'border-link font-semibold' : ''} onClick={() => { setAll(value) }}>
      {label}
    </Button>
  )
  return (
    <div className="card px-3 py-4 sm:px-5">
      <div role="group" aria-label={t('rtt.range')} className="mb-2 flex gap-2">
        {range(false, t('rtt.day'))}
        {range(true, t('rtt.all'))}
      </div>
      <RoundTrip curves={curves} from={all ? from : now - DAY} to={now} reach={reach} label={t('rtt.label')} moment={moment} />
      {report && <Numbers report={report} words={words} />}
    </div>
  )
}

function Numbers({ report, words }: { report: Report; words: Words }) {
  const { t } = useTranslation()
  const rows = report.lines.length > 1 ? [...report.lines, report.round_trip] : [report.round_trip]
  const ms = (us: number | null) => (us === null ? '–' : milliseconds(us))
  return (
    <div className="mt-3 overflow-x-auto">
      <table className="w-full max-w-xl text-sm">
        <caption className="sr-only">{t('rtt.title')}</caption>
        <thead className="text-muted">
          <tr>
            <th scope="col" className="py-1 text-left font-normal">{t('sheet.line')}</th>
            {(['avg', 'p50', 'p95', 'count'] as const).map((k) => (
              <th key={k} scope="col" className="pl-3 text-right font-normal">{t(`rtt.${k}`)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((r) => (
            <tr key={r.line ?? ''} className="border-t border-hairline">
              <th scope="row" className="py-1 text-left font-normal">{r.line ? words.line(r.line) : t('rtt.overall')}</th>
              <td className="pl-3 text-right whitespace-nowrap">{ms(r.avg_us)}</td>
              <td className="pl-3 text-right whitespace-nowrap">{ms(r.p50_us)}</td>
              <td className="pl-3 text-right whitespace-nowrap">{ms(r.p95_us)}</td>
              <td className="pl-3 text-right">{r.count}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
