import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { keys, queries } from '@/api/queries'
import { useAct } from '@/api/use-act'
import { MAIL_STATES, type MailState } from '@/domain/types'
import { MailList } from '@/features/operator/mail-list'
import { StoredMails } from '@/features/operator/stored-mails'
import { Fault, Part } from '@/ui/layout'
import { More } from '@/ui/more'
import { useFaults } from '@/ui/faults'
import { useNow } from '@/ui/use-now'
import { useSurroundings } from '@/ui/setting'

/** Mails that wait, were given up, sent, or stored where there is no mail server. */
export function OperatorMailsRoute({ state }: { state: MailState | undefined }) {
  const { t } = useTranslation()
  const { client } = useApi()
  const { service, words } = useSurroundings()
  const faults = useFaults()
  const now = useNow()
  const shown = state ?? (service.mail_mode === 'stored' ? 'stored' : 'pending')
  const mails = useInfiniteQuery(queries.mails(client, shown))
  const retry = useAct(client.retryMail, [keys.mails])
  const error = retry.error ?? mails.error
  const list = mails.data?.pages.flatMap((p) => p.items) ?? []
  return (
    <Part title={t('operator.mails')} text={t(shown !== 'stored' ? 'operator.mails.text' : service.mail_mode === 'stored' ? 'mails.text' : 'mails.sent')}>
      <nav aria-label={t('operator.mails.state')} className="flex flex-wrap gap-x-4">
        {MAIL_STATES.map((s) => (
          <Link key={s} to="/operator/mails" search={{ state: s }} className={`flex min-h-9 items-center border-b-2 text-link no-underline ${s === shown ? 'border-link font-semibold' : 'border-transparent'}`} aria-current={s === shown ? 'page' : undefined}>
            {t(`operator.mails.state.${s}`)}
          </Link>
        ))}
      </nav>
      {error && <Fault>{faults.whole(error)}</Fault>}
      {mails.isPending && <p role="status">{t('loading')}</p>}
      {mails.data && (shown === 'stored' ? <StoredMails mails={list} words={words} now={now} /> : <MailList mails={list} words={words} now={now} busy={retry.isPending} tried={retry.isSuccess ? retry.variables : null} onRetry={retry.mutate} />)}
      <More label={t('targets.more')} more={mails.hasNextPage} busy={mails.isFetchingNextPage} onMore={() => void mails.fetchNextPage()} />
    </Part>
  )
}
