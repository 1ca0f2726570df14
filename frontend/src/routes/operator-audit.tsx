import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { queries } from '@/api/queries'
import { AuditList } from '@/features/audit/audit-list'
import { Fault, Part } from '@/ui/layout'
import { More } from '@/ui/more'
import { useFaults } from '@/ui/faults'
import { useNow } from '@/ui/use-now'
import { useSurroundings } from '@/ui/setting'

/** The log of all accounts, or of one. */
export function OperatorAuditRoute({ account }: { account: number | undefined }) {
  const { t } = useTranslation()
  const { client } = useApi()
  const { words } = useSurroundings()
  const faults = useFaults()
  const now = useNow()
  const log = useInfiniteQuery(queries.operatorAudit(client, account))
  return (
    <Part title={account === undefined ? t('audit.title') : t('audit.of', { id: account })} text={t('audit.text.operator')}>
      {account !== undefined && <p><Link to="/operator/audit" className="text-link">{t('audit.all')}</Link></p>}
      {log.error && <Fault>{faults.whole(log.error)}</Fault>}
      {log.isPending && <p role="status">{t('loading')}</p>}
      {log.data && (
        <AuditList
          entries={log.data.pages.flatMap((p) => p.items)}
          words={words}
          now={now}
          whose={(e) => e.account_id !== null && account === undefined && (
            <Link to="/operator/audit" search={{ account: e.account_id }} className="text-link">{t('audit.account', { id: e.account_id })}</Link>
          )}
        />
      )}
      <More label={t('audit.more')} more={log.hasNextPage} busy={log.isFetchingNextPage} onMore={() => void log.fetchNextPage()} />
    </Part>
  )
}
