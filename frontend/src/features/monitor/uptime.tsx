import { useTranslation } from 'react-i18next'
import type { Report } from '@/domain/types'
import { percent, type Words } from '@/i18n/words'

/** How the ten days were spent, with the rule. */
export function Uptime({ report, words }: { report: Report; words: Words }) {
  const { t } = useTranslation()
  const share = (n: number | null) => (n === null ? t('report.none') : percent(n))
  const small: [string, string][] = [
    [t('report.up'), words.length(report.up_seconds)],
    [t('report.down'), words.length(report.down_seconds)],
    [t('report.unknown'), words.length(report.unknown_seconds)],
    [t('report.not_watched'), words.length(report.not_watched_seconds)],
    [t('report.unconfirmed'), String(report.unconfirmed_failures)],
  ]
  return (
    <div className="card px-5 py-4">
      <dl className="flex flex-wrap gap-x-10 gap-y-3">
        <Figure name={t('report.uptime')} value={share(report.uptime_pct)} />
        <Figure name={t('report.coverage')} value={share(report.coverage_pct)} />
      </dl>
      <dl className="mt-3 flex flex-wrap gap-x-8 gap-y-1 text-sm">
        {small.map(([name, value]) => (
          <div key={name} className="flex gap-2">
            <dt className="text-muted">{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-3 text-sm text-muted">{t('report.rule')}</p>
    </div>
  )
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt className="text-sm text-muted">{name}</dt>
      <dd className="text-2xl font-semibold">{value}</dd>
    </div>
  )
}
