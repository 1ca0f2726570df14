import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { queries } from '@/api/queries'
import { AccountList } from '@/features/operator/account-list'
import { AccountSearch, type AccountFilter } from '@/features/operator/account-search'
import { Fault, Part } from '@/ui/layout'
import { More } from '@/ui/more'
import { useFaults } from '@/ui/faults'
import { useNow } from '@/ui/use-now'
import { useSurroundings } from '@/ui/setting'

export function OperatorAccountsRoute({ filter }: { filter: AccountFilter }) {
  const { t } = useTranslation()
  const { client } = useApi()
  const { words } = useSurroundings()
  const faults = useFaults()
  const now = useNow()
  const navigate = useNavigate()
  const accounts = useInfiniteQuery(queries.accounts(client, filter))
  return (
    <Part title={t('operator.accounts')} text={t('operator.accounts.text')}>
      <AccountSearch filter={filter} onSearch={(search) => void navigate({ to: '/operator/accounts', search })} />
      {accounts.error && <Fault>{faults.whole(accounts.error)}</Fault>}
      {accounts.isPending && <p role="status">{t('loading')}</p>}
      {accounts.data && <AccountList accounts={accounts.data.pages.flatMap((p) => p.items)} words={words} now={now} />}
      <More label={t('targets.more')} more={accounts.hasNextPage} busy={accounts.isFetchingNextPage} onMore={() => void accounts.fetchNextPage()} />
    </Part>
  )
}
