import { useInfiniteQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { queries } from '@/api/queries'
import { AuditList } from '@/features/audit/audit-list'
import { Fault, Part } from '@/ui/layout'
import { More } from '@/ui/more'
import { useFaults } from '@/ui/faults'
import { useNow } from '@/ui/use-now'
import { useSurroundings } from '@/ui/setting'

export function AuditRoute() {
  const { t } = useTranslation()
  const { client } = useApi()
  const { words } = useSurroundings()
  const faults = useFaults()
  const now = useNow()
  const log = useInfiniteQuery(queries.audit(client))
  return (
    <Part title={t('audit.title')} text={t('audit.text')}>
      {log.error && <Fault>{faults.whole(log.error)}</Fault>}
      {log.isPending && <p role="status">{t('loading')}</p>}
      {log.data && <AuditList entries={log.data.pages.flatMap((p) => p.items)} words={words} now={now} />}
      <More label={t('audit.more')} more={log.hasNextPage} busy={log.isFetchingNextPage} onMore={() => void log.fetchNextPage()} />
    </Part>
  )
}
