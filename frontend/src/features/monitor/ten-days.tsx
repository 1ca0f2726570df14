import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Sheet, type Lane } from '@/charts/sheet'
import { countStatuses, type Cell } from '@/domain/lanes'
import type { Status } from '@/domain/types'
import { milliseconds, type Words } from '@/i18n/words'
import type { Day } from '@/lib/zone'
import { Mark } from '@/ui/mark'

const STATUSES: readonly Status[] = ['ok', 'wr', 'ng', 'err', 'unknown']

interface Props {
  days: readonly Day[]
  cells: ReadonlyMap<string, readonly Cell[]>
  words: Words
}

/** The ten-day sheet, one check in words, and the same as a table. */
export function TenDays({ days, cells, words }: Props) {
  const { t } = useTranslation()
  const [picked, setPicked] = useState<{ cell: Cell; line: string } | null>(null)
  const lanes = useMemo<Lane[]>(
    () => [...cells].map(([name, list]) => ({ name, short: cells.size > 1 ? words.lineLabel(name).slice(0, 8) : '', cells: list })),
    [cells, words],
  )
  const labels = useMemo(() => days.map((d, i) => (i === 0 ? t('sheet.today') : words.day(d.from))), [days, words, t])
  return (
    <div className="card px-3 py-4 sm:px-5">
      <p className="mb-3 text-sm text-muted">{t('sheet.text')}</p>
      <Sheet days={days} dayLabels={labels} lanes={lanes} label={t('sheet.label')} onPick={(cell, lane) => { setPicked({ cell, line: lane.name }) }} />
      <p role="status" className="mt-2 flex min-h-12 flex-wrap items-center gap-x-3 text-sm">
        {picked ? <Picked {...picked} words={words} many={cells.size > 1} /> : <span className="text-muted">{t('sheet.pick')}</span>}
      </p>
      <Legend />
      <details className="mt-3">
        <summary className="text-link">{t('sheet.table')}</summary>
        <DayTable days={days} labels={labels} lanes={lanes} words={words} />
      </details>
    </div>
  )
}

function Picked({ cell, line, words, many }: { cell: Cell; line: string; words: Words; many: boolean }) {
  const { result } = cell
  return (
    <>
      <Mark name={result.status} label={null} />
      <span className="font-semibold">{words.full(cell.from)}</span>
      {many && <span>{words.line(line)}</span>}
      <span>{words.reason(result.reason)}</span>
      {result.rtt_us !== null && <span>{milliseconds(result.rtt_us)}</span>}
      {result.address && <code className="text-muted">{result.address}</code>}
    </>
  )
}

function Legend() {
  const { t } = useTranslation()
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-sm text-muted">
      {STATUSES.map((s) => (
        <li key={s} className="flex items-center gap-1.5">
          <Mark name={s} label={null} />
          {t(`status.${s}`)}
        </li>
      ))}
    </ul>
  )
}

function DayTable({ days, labels, lanes, words }: { days: readonly Day[]; labels: readonly string[]; lanes: readonly Lane[]; words: Words }) {
  const { t } = useTranslation()
  return (
    <div className="mt-2 overflow-x-auto" tabIndex={0}>
      <table className="w-full text-sm">
        <caption className="sr-only">{t('sheet.title')}</caption>
        <thead className="text-left text-muted">
          <tr>
            <th scope="col" className="py-1 pr-4 font-normal">{t('sheet.day')}</th>
            {lanes.length > 1 && <th scope="col" className="pr-4 font-normal">{t('sheet.line')}</th>}
            {STATUSES.map((s) => (
              <th key={s} scope="col" className="pr-4 text-right font-normal">{t(`status.${s}`)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {days.flatMap((day, i) =>
            lanes.map((lane) => {
              const counts = countStatuses(lane.cells, day)
              return (
                <tr key={`${day.from} ${lane.name}`} className="border-t border-hairline">
                  <th scope="row" className="py-1 pr-4 text-left font-normal whitespace-nowrap">{labels[i]}</th>
                  {lanes.length > 1 && <td className="pr-4">{words.lineLabel(lane.name)}</td>}
                  {STATUSES.map((s) => (
                    <td key={s} className={`pr-4 text-right ${counts[s] ? '' : 'text-muted'}`}>{counts[s]}</td>
                  ))}
                </tr>
              )
            }),
          )}
        </tbody>
      </table>
    </div>
  )
}
