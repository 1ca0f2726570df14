import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { keys, queries } from '@/api/queries'
import { useAct } from '@/api/use-act'
import type { ClaimedTarget } from '@/domain/types'
import { AllowedHosts, AllowForm } from '@/features/operator/allowed-hosts'
import { ClaimedTargetRow } from '@/features/operator/claimed-target'
import { Collisions } from '@/features/operator/collisions'
import { HostRequests } from '@/features/operator/host-requests'
import { HostSearch } from '@/features/operator/host-search'
import { NetworksForm } from '@/features/operator/networks-form'
import { Button } from '@/ui/button'
import { Confirm } from '@/ui/dialog'
import { Fault, Part } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { useNow } from '@/ui/use-now'
import { useSurroundings } from '@/ui/setting'

/** What may be watched, and who watches it. */
export function OperatorTargetsRoute() {
  const { service } = useSurroundings()
  return (
    <>
      <Search />
      <Requests />
      {service.claims && <Clashes />}
      <Allowed />
      {service.claims && <Networks />}
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

function Search() {
  const { t } = useTranslation()
  const { client } = useApi()
  const { words } = useSurroundings()
  const faults = useFaults()
  const now = useNow()
  const [host, setHost] = useState('')
  const found = useQuery(queries.claimedTargets(client, host))
  const fault = faults.field(found.error, 'host')
  return (
    <Part title={t('operator.claims')} text={t('operator.claims.text')}>
      <HostSearch busy={found.isLoading} fault={fault} onSearch={setHost} />
      {found.error && !fault && <Fault>{faults.whole(found.error)}</Fault>}
      {found.data?.items.length === 0 && <p role="status">{t('operator.claims.none', { host })}</p>}
      {!!found.data?.items.length && (
        <ul className="card divide-y divide-hairline">
          {found.data.items.map((c) => (
            <li key={c.id} className="px-5 py-3"><ClaimedTargetRow target={c} words={words} now={now} action={<Release target={c} />} /></li>
          ))}
        </ul>
      )}
    </Part>
  )
}

/** Takes a host from the account that has it, after saying what that does. */
function Release({ target }: { target: ClaimedTarget }) {
  const { t } = useTranslation()
  const { client } = useApi()
  const faults = useFaults()
  const [asking, setAsking] = useState(false)
  const release = useAct(client.releaseTarget, [keys.collisions, keys.claimedTargets(target.host)], () => { setAsking(false) })
  if (!target.held) return null
  return (
    <>
      <Button aria-label={`${t('operator.release')}: ${target.host_display} ${target.email}`} onClick={() => { setAsking(true) }}>{t('operator.release')}</Button>
      {asking && (
        <Confirm title={t('operator.release.title', { host: target.host_display, email: target.email })} confirm={t('operator.release')} busy={release.isPending} onConfirm={() => { release.mutate(target.id) }} onClose={() => { setAsking(false) }}>
          <p>{t('operator.release.text')}</p>
          {release.error && <Fault>{faults.whole(release.error)}</Fault>}
        </Confirm>
      )}
    </>
  )
}

function Clashes() {
  const { t } = useTranslation()
  const { client } = useApi()
  const { words } = useSurroundings()
  const faults = useFaults()
  const now = useNow()
  const collisions = useQuery(queries.collisions(client))
  return (
    <Part title={t('operator.collisions')} text={t('operator.collisions.text')}>
      {collisions.error && !collisions.data && <Fault>{faults.whole(collisions.error)}</Fault>}
      {collisions.data && <Collisions collisions={collisions.data.items} words={words} now={now} action={(c) => <Release target={c} />} />}
    </Part>
  )
}

function Networks() {
  const { t } = useTranslation()
  const { client } = useApi()
  const faults = useFaults()
  const networks = useQuery(queries.sharedNetworks(client))
  const save = useAct(client.setSharedNetworks, [keys.sharedNetworks])
  return (
    <Part title={t('operator.networks')} text={t('operator.networks.text')}>
      {networks.error && !networks.data && <Fault>{faults.whole(networks.error)}</Fault>}
      {networks.data && <NetworksForm networks={networks.data.items} busy={save.isPending} saved={save.isSuccess} error={save.error} onSave={save.mutate} />}
    </Part>
  )
}
