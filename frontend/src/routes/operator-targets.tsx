import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { keys, queries } from '@/api/queries'
import { useAct } from '@/api/use-act'
import { AllowedHosts, AllowForm } from '@/features/operator/allowed-hosts'
import { HostRequests } from '@/features/operator/host-requests'
import { Fault, Part } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { useNow } from '@/ui/use-now'
import { useSurroundings } from '@/ui/setting'

/** What may be watched: questions, and hosts that are allowed whatever their country. */
export function OperatorTargetsRoute() {
  return (
    <>
      <Requests />
      <Allowed />
    </>
  )
}

function Requests() {
  const { t } = useTranslation()
  const { client } = useApi()
  const { words } = useSurroundings()
  const faults = useFaults()
  const now = useNow()
  const requests = useQuery(queries.hostRequests(client))
  const allow = useAct(client.allowHost, [keys.hostRequests, keys.allowedHosts])
  const drop = useAct(client.dropHostRequest, [keys.hostRequests])
  const error = allow.error ?? drop.error ?? (requests.data ? null : requests.error)
  return (
    <Part title={t('operator.requests')} text={t('operator.requests.text')}>
      {error && <Fault>{faults.whole(error)}</Fault>}
      {requests.isPending && <p role="status">{t('loading')}</p>}
      {requests.data && <HostRequests requests={requests.data.items} words={words} now={now} busy={allow.isPending || drop.isPending} onAllow={allow.mutate} onDrop={drop.mutate} />}
    </Part>
  )
}

function Allowed() {
  const { t } = useTranslation()
  const { client } = useApi()
  const { words } = useSurroundings()
  const faults = useFaults()
  const now = useNow()
  const hosts = useQuery(queries.allowedHosts(client))
  const allow = useAct(client.allowHost, [keys.hostRequests, keys.allowedHosts])
  const remove = useAct(client.disallowHost, [keys.allowedHosts])
  const error = remove.error ?? (hosts.data ? null : hosts.error)
  return (
    <Part title={t('operator.allowed')} text={t('operator.allowed.text')}>
      {error && <Fault>{faults.whole(error)}</Fault>}
      {hosts.data && <AllowedHosts hosts={hosts.data.items} words={words} now={now} busy={remove.isPending} onDelete={remove.mutate} />}
      <AllowForm key={allow.data?.id ?? 0} busy={allow.isPending} error={allow.error} onSubmit={allow.mutate} />
    </Part>
  )
}
