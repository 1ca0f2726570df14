import { useTranslation } from 'react-i18next'
import type { Incident } from '@/domain/types'
import type { Words } from '@/i18n/words'
import { incidentReason } from './sentence'

/** Incidents of the period, newest first. */
export function Incidents({ incidents, words, now }: { incidents: readonly Incident[]; words: Words; now: number }) {
  const { t } = useTranslation()
  if (!incidents.length) return <p className="card px-5 py-4 text-muted">{t('incidents.none')}</p>
  return (
    <ul className="card divide-y divide-hairline">
      {[...incidents].reverse().map((i) => (
        <li key={i.id} className="px-5 py-3">
          <p className={`font-semibold ${i.ended_at ? '' : 'text-fire'}`}>
            {words.moment(i.started_at, now)} – {i.ended_at ? words.moment(i.ended_at, now) : t('incidents.open')}
          </p>
          <dl className="flex flex-wrap gap-x-6 text-sm">
            <Fact name={t('incidents.length')} value={words.length(((i.ended_at ? Date.parse(i.ended_at) : now) - Date.parse(i.started_at)) / 1000)} />
            <Fact name={t('incidents.cause')} value={[words.reason(incidentReason(i)), words.seenOn(i.lines)].filter(Boolean).join(' · ')} />
            <Fact name={t('incidents.mailed')} value={i.mailed_at ? words.moment(i.mailed_at, now) : t('incidents.not_mailed')} />
          </dl>
          {i.observed_until && <p className="text-sm text-muted">{t('incidents.unseen')}</p>}
        </li>
      ))}
    </ul>
  )
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex gap-2">
      <dt className="text-muted">{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}
