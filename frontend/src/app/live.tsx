import { useQueryClient, type Query } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Words } from '@/i18n/words'
import { useNow } from '@/ui/use-now'

/** Older than this, in milliseconds, what is seen is not live: three polls were missed. */
const STALE = 16_000

const isLive = (q: Query) => q.meta?.['live'] === true && q.isActive()

/** How old what is on the page is; loud when it is not renewed any more. */
export function Live({ words }: { words: Words }) {
  const { t } = useTranslation()
  const now = useNow(1_000)
  const shown = useQueryClient().getQueryCache().findAll({ predicate: isLive }).filter((q) => q.state.dataUpdatedAt > 0)
  if (!shown.length) return null
  const oldest = Math.min(...shown.map((q) => q.state.dataUpdatedAt))
  const age = Math.max(0, now - oldest)
  const live = age < STALE && !shown.some((q) => q.state.fetchFailureCount > 0)
  return (
    <p className="flex items-center gap-1.5 text-sm whitespace-nowrap">
      <span aria-hidden className={`size-2 rounded-full ${live ? 'bg-ok' : 'border border-wr bg-transparent'}`} />
      <span role="status" className={live ? 'text-muted' : 'font-semibold text-wr'}>
        {live ? t('live.on') : t('live.off')}
      </span>
      <span className="text-muted">{live ? t('live.age', { count: Math.floor(age / 1000) }) : t('live.last', { time: words.moment(oldest, now, true) })}</span>
    </p>
  )
}
