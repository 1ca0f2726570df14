import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { EAGER, keys, LIVE, queries } from '@/api/queries'
import { PROTOCOLS, protocolName, shownName, type Protocol, type Target, type WordsPatch } from '@/domain/types'
import { FirstResults } from '@/features/targets/first-results'
import { PortForm } from '@/features/targets/port-form'
import { Proof, ProofBadge } from '@/features/targets/proof'
import { TargetCard } from '@/features/targets/target-card'
import { TargetContacts } from '@/features/targets/target-contacts'
import { Addresses } from '@/ui/addresses'
import { Button, buttonClass } from '@/ui/button'
import { Confirm } from '@/ui/dialog'
import { Fault, Notice, Section } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { useNow } from '@/ui/use-now'
import { useSurroundings } from '@/ui/setting'
import { WordsForm } from '@/ui/words-form'

/** First results should be there after this long, in milliseconds. */
const PATIENCE = 10_000

interface Props {
  id: number
  /** It was added just now. */
  first: boolean
}

export function TargetRoute({ id, first }: Props) {
  const { client } = useApi()
  const { service } = useSurroundings()
  const faults = useFaults()
  const { t } = useTranslation()
  const [began] = useState(() => Date.now())
  const target = useQuery({
    ...queries.target(client, id),
    refetchInterval: (q) => (q.state.data?.monitors.some((m) => m.state === 'active' && m.status === null) && Date.now() - began < 60_000 ? EAGER : LIVE),
  })
  if (!target.data) return target.error ? <Fault>{faults.whole(target.error)}</Fault> : <p role="status">{t('loading')}</p>
  // What waits for a proof has no first results.
  const waits = service.require_proof && target.data.proof.state !== 'proven'
  return first && !waits ? <New target={target.data} began={began} /> : <Known target={target.data} />
}

/** Changes of a target's monitors, after which it is read again. */
function useChange<T>(id: number, change: (argument: T) => Promise<unknown>) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSettled: () => Promise.all([cache.invalidateQueries({ queryKey: keys.target(id) }), cache.invalidateQueries({ queryKey: keys.status })]),
  })
}

function New({ target, began }: { target: Target; began: number }) {
  const { t } = useTranslation()
  const { client } = useApi()
  const { words, service } = useSurroundings()
  const faults = useFaults()
  const now = useNow(1_000)
  const lines = useQuery(queries.lines(client))
  const untick = useChange(target.id, client.deleteMonitor)
  return (
    <div className="grid gap-4">
      <h1 className="text-xl font-semibold">{shownName(target)}</h1>
      {untick.error && <Fault>{faults.whole(untick.error)}</Fault>}
      <FirstResults
        monitors={target.monitors}
        words={words}
        now={now}
        every={words.every(service.effective_interval_seconds)}
        late={now - began > PATIENCE}
        busy={untick.isPending}
        onUntick={untick.mutate}
      />
      {lines.data && <Addresses lines={lines.data.items} words={words} />}
      <div className="flex flex-wrap gap-2">
        <Link to="/" className={buttonClass('primary', true)}>{t('first.done')}</Link>
        <Link to="/targets/new" className={buttonClass('plain', true)}>{t('first.another')}</Link>
      </div>
    </div>
  )
}

function Known({ target }: { target: Target }) {
  const { t } = useTranslation()
  const { client } = useApi()
  const { service, words } = useSurroundings()
  const faults = useFaults()
  const now = useNow()
  const resume = useChange(target.id, client.resume)
  const wording = useChange(target.id, (p: WordsPatch) => client.updateTarget(target.id, p))
  const add = useChange(target.id, (service: Protocol) => client.addMonitor({ target_id: target.id, service }))
  const addPort = useChange(target.id, (port: number) => client.addMonitor({ target_id: target.id, service: 'tcp', port }))
  const missing = PROTOCOLS.filter((p) => !target.monitors.some((m) => m.service === p))
  const error = resume.error ?? add.error
  return (
    <>
      <h1 className="text-xl font-semibold">{shownName(target)}</h1>
      {target.label && <p className="text-muted">{target.host_display}</p>}
      {target.address && <p className="text-sm text-muted">{t('monitor.address', { address: target.address })}</p>}
      {target.notes && <p className="mt-2 whitespace-pre-wrap">{target.notes}</p>}
      {target.proof.state === 'proven' && <p className="mt-1"><ProofBadge /></p>}
      {service.require_proof && target.proof.state !== 'proven' && <div className="mt-3"><Notice>{t('proof.required')}</Notice></div>}
      {!target.held && <div className="mt-3"><Notice>{t('target.lost')}</Notice></div>}
      {error && <Fault>{faults.whole(error)}</Fault>}
      <Section title={t('target.services')}>
        <TargetCard target={target} words={words} now={now} onResume={resume.mutate} />
      </Section>
      {missing.length > 0 && (
        <div className="mt-3 flex flex-wrap items-center gap-2">
          <span className="text-sm text-muted">{t('target.also')}</span>
          {missing.map((p) => (
            <Button key={p} disabled={add.isPending} onClick={() => { add.mutate(p) }}>
              {protocolName(p)}
            </Button>
          ))}
        </div>
      )}
      <details className="mt-3">
        <summary className="text-sm text-link">{t('target.tcp.more')}</summary>
        <div className="card mt-2 px-5 py-4">
          <PortForm key={target.monitors.length} busy={addPort.isPending} error={addPort.error} onSubmit={addPort.mutate} />
        </div>
      </details>
      {service.claims && <Ownership target={target} now={now} />}
      <div className="mt-8 grid gap-4">
        <WordsForm key={`${target.label}\n${target.notes}`} title={t('target.edit')} label={target.label} notes={target.notes} busy={wording.isPending} saved={wording.isSuccess} error={wording.error} onSave={wording.mutate} />
        <Told target={target} />
        <Delete target={target} />
      </div>
    </>
  )
}

/** Whose the host is, and how to show it. */
function Ownership({ target, now }: { target: Target; now: number }) {
  const { t } = useTranslation()
  const { client } = useApi()
  const { words } = useSurroundings()
  const look = useChange(target.id, () => client.proveTarget(target.id))
  return (
    <Section title={t('proof.title')}>
      <Proof proof={target.proof} words={words} now={now} busy={look.isPending} error={look.error} looked={look.isSuccess} onLook={() => { look.mutate(undefined) }} />
    </Section>
  )
}

/** Who is mailed about this server. */
function Told({ target }: { target: Target }) {
  const { t } = useTranslation()
  const { client } = useApi()
  const contacts = useQuery(queries.contacts(client))
  const save = useChange(target.id, (contact_ids: number[] | null) => client.updateTarget(target.id, { contact_ids }))
  return (
    <details className="card px-5 py-3">
      <summary className="font-semibold">{t('target.contacts')}</summary>
      <div className="mt-3">
        {contacts.data && <TargetContacts key={JSON.stringify(target.contact_ids)} contacts={contacts.data.items} chosen={target.contact_ids} busy={save.isPending} saved={save.isSuccess} error={save.error} onSave={save.mutate} />}
      </div>
    </details>
  )
}

function Delete({ target }: { target: Target }) {
  const { t } = useTranslation()
  const { client } = useApi()
  const faults = useFaults()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const [asking, setAsking] = useState(false)
  const remove = useMutation({
    mutationFn: () => client.deleteTarget(target.id),
    onSuccess: async () => {
      await navigate({ to: '/' })
      cache.removeQueries({ queryKey: keys.target(target.id) })
    },
  })
  return (
    <div>
      <Button onClick={() => { setAsking(true) }}>{t('target.delete')}</Button>
      {asking && (
        <Confirm title={t('target.delete.title', { name: shownName(target) })} confirm={t('target.delete')} busy={remove.isPending} onConfirm={() => { remove.mutate() }} onClose={() => { setAsking(false) }}>
          <p>{t('target.delete.text', { count: target.monitors.length })}</p>
          {remove.error && <Fault>{faults.whole(remove.error)}</Fault>}
        </Confirm>
      )}
    </div>
  )
}
