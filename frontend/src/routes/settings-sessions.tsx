import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { keys, queries } from '@/api/queries'
import { SessionList } from '@/features/settings/session-list'
import { Fault, Part } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { useNow } from '@/ui/use-now'
import { useSurroundings } from '@/ui/setting'

export function SessionsRoute() {
  const { t } = useTranslation()
  const { client } = useApi()
  const { words } = useSurroundings()
  const faults = useFaults()
  const cache = useQueryClient()
  const now = useNow()
  const sessions = useQuery(queries.sessions(client))
  const end = useMutation({ mutationFn: client.revokeSession, onSettled: () => cache.invalidateQueries({ queryKey: keys.sessions }) })
  const fault = end.error ?? (sessions.data ? null : sessions.error)
  return (
    <Part title={t('settings.sessions')} text={t('settings.sessions.text')}>
      {fault && <Fault>{faults.whole(fault)}</Fault>}
      {sessions.isPending && <p role="status">{t('loading')}</p>}
      {sessions.data && <SessionList sessions={sessions.data.items} words={words} now={now} busy={end.isPending} onEnd={end.mutate} />}
    </Part>
  )
}
