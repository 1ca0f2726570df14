import { useTranslation } from 'react-i18next'
import type { StatusSummary } from '@/domain/types'

const ORDER = ['up', 'down', 'pending', 'stopped', 'paused'] as const

/** Every monitor is counted once. */
export function Counters({ counts, every }: { counts: StatusSummary['counts']; every: string }) {
  const { t } = useTranslation()
  const hot = (name: (typeof ORDER)[number]) => (name === 'down' || name === 'stopped') && counts[name] > 0
  return (
    <dl className="mt-3 flex flex-wrap items-baseline gap-x-6 gap-y-1 px-1">
      {ORDER.map((name) => (
        <div key={name} className="flex items-baseline gap-2">
          <dt className="text-sm text-muted">{t(`count.${name}`)}</dt>
          <dd className={`text-lg font-semibold ${hot(name) ? 'text-fire' : counts[name] === 0 ? 'text-muted' : ''}`}>{counts[name]}</dd>
        </div>
      ))}
      <div className="text-sm text-muted md:ml-auto">
        <dt className="sr-only">{t('targets.title')}</dt>
        <dd>{t('count.every', { every })}</dd>
      </div>
    </dl>
  )
}
