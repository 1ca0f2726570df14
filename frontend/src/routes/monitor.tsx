import { useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { EAGER, keys, LIVE, queries } from '@/api/queries'
import { lanes } from '@/domain/lanes'
import { checkFirst, protocolName, shownName, type LinkRequest, type Monitor, type Report, type WordsPatch } from '@/domain/types'
import { Downloads } from '@/features/monitor/downloads'
import { Incidents } from '@/features/monitor/incidents'
import { KeepWatching } from '@/features/monitor/keep-watching'
import { ProbeAnswer } from '@/features/monitor/probe-answer'
import { RoundTrips } from '@/features/monitor/round-trips'
import { MonitorSentence } from '@/features/monitor/sentence'
import { TenDays } from '@/features/monitor/ten-days'
import { Uptime } from '@/features/monitor/uptime'
import { lastDays } from '@/lib/zone'
import { Button } from '@/ui/button'
import { CheckFirst } from '@/ui/check-first'
import { Confirm } from '@/ui/dialog'
import { Fault, Section } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { useNow } from '@/ui/use-now'
import { useSurroundings } from '@/ui/setting'
import { WordsForm } from '@/ui/words-form'

/** Today and the nine days before. */
const DAYS_BEFORE = 9

export function MonitorRoute({ id }: { id: number }) {
  const { t } = useTranslation()
  const { client } = useApi()
  const faults = useFaults()
  const now = useNow()
  const { words } = useSurroundings()
  const monitor = useQuery({ ...queries.monitor(client, id), refetchInterval: (q) => (q.state.data?.state === 'active' && q.state.data.verdict === 'pending' ? EAGER : LIVE) })
  const report = useQuery(queries.report(client, id))
  if (!monitor.data) return monitor.error ? <Fault>{faults.whole(monitor.error)}</Fault> : <p role="status">{t('loading')}</p>
  const m = monitor.data
  const failed = m.status !== null && m.status !== 'ok' && m.reason
  return (
    <>
      <Head monitor={m} />
      <MonitorSentence monitor={m} incident={report.data?.incidents.find((i) => i.id === m.incident_id)} words={words} now={now}>
        {failed && <CheckFirst keys={checkFirst(failed, m.service)} />}
      </MonitorSentence>
      <Facts monitor={m} now={now} />
      <Acts monitor={m} />
      <History monitor={m} report={report.data} now={now} />
      {report.data && (
        <>
          <Section title={t('report.title')}>
            <Uptime report={report.data} words={words} />
          </Section>
          <Section title={t('incidents.title')}>
            <Incidents incidents={report.data.incidents} words={words} now={now} />
          </Section>
        </>
      )}
      <Section title={t('monitor.download')}>
        <Download id={id} />
      </Section>
      <Upkeep monitor={m} />
    </>
  )
}

function Head({ monitor: m }: { monitor: Monitor }) {
  return (
    <div className="mb-3">
      <p>
        <Link to="/targets/$id" params={{ id: m.target_id }} className="text-link">
          {shownName(m)}
        </Link>
        {m.label && <span className="ml-2 text-muted">{m.host_display}</span>}
      </p>
      <h1 className="text-2xl font-semibold">{protocolName(m.service, m.port)}</h1>
      {m.notes && <p className="mt-1 whitespace-pre-wrap">{m.notes}</p>}
    </div>
  )
}

function Facts({ monitor: m, now }: { monitor: Monitor; now: number }) {
  const { t } = useTranslation()
  const { words } = useSurroundings()
  return (
    <p className="mt-2 flex flex-wrap gap-x-5 px-1 text-sm text-muted">
      {m.checked_at && <span>{t('monitor.last', { time: words.moment(m.checked_at, now, true) })}</span>}
      {m.next_check_at && <span>{t('monitor.next', { time: words.moment(m.next_check_at, now, true) })}</span>}
      {m.address && <span>{t('monitor.address', { address: m.address })}</span>}
    </p>
  )
}

/** Resume, pause and probe now. */
function Acts({ monitor: m }: { monitor: Monitor }) {
  const { t } = useTranslation()
  const { client } = useApi()
  const { words } = useSurroundings()
  const faults = useFaults()
  const cache = useQueryClient()
  const took = (changed: Monitor) => {
    cache.setQueryData(keys.monitor(m.id), changed)
    return cache.invalidateQueries({ queryKey: keys.status })
  }
  const resume = useMutation({ mutationFn: () => client.resume(m.id), onSuccess: took })
  const pause = useMutation({ mutationFn: () => client.pause(m.id), onSuccess: took })
  const probe = useMutation({ mutationFn: () => client.probe(m.id) })
  const error = resume.error ?? pause.error ?? probe.error
  return (
    <div className="mt-4">
      <div className="flex flex-wrap gap-2">
        {m.state === 'active' ? (
          <Button large disabled={pause.isPending} onClick={() => { pause.mutate() }}>
            {t('monitor.pause')}
          </Button>
        ) : (
          <Button large look="primary" disabled={resume.isPending} onClick={() => { resume.mutate() }}>
            {t(`monitor.resume.${m.state}`)}
          </Button>
        )}
        <Button large disabled={probe.isPending} onClick={() => { probe.mutate() }}>
          {probe.isPending ? t('monitor.probing') : t('monitor.probe')}
        </Button>
      </div>
      {error && <Fault>{faults.whole(error)}</Fault>}
      {probe.data && <ProbeAnswer lines={probe.data.lines} service={m.service} words={words} />}
    </div>
  )
}

/** The ten-day sheet and the round trips, both from all results. */
function History({ monitor, report, now }: { monitor: Monitor; report: Report | undefined; now: number }) {
  const { t } = useTranslation()
  const { client } = useApi()
  const { me, service, words } = useSurroundings()
  const faults = useFaults()
  const cache = useQueryClient()
  const lines = useQuery(queries.lines(client))
  // The days change at midnight only.
  const days = useStable(lastDays(now, DAYS_BEFORE, me.time_zone), (a, b) => a[0]?.from === b[0]?.from)
  const { results, pending, error } = useQueries({
    queries: days.map((day) => queries.results(client, cache, monitor.id, day, now)),
    combine: (all) => ({
      results: all.flatMap((q, i) => (q.data ? [{ day: i, list: q.data }] : [])).sort((a, b) => b.day - a.day).flatMap((d) => d.list),
      pending: all.some((q) => q.isPending),
      error: all.find((q) => q.error && !q.data)?.error ?? null,
    }),
  })
  const names = useMemo(() => lines.data?.items.map((l) => l.name) ?? [], [lines.data])
  const reach = 1.5 * service.effective_interval_seconds * 1000 * Math.max(1, names.length)
  const cells = useMemo(() => lanes(results, names, now, reach), [results, names, now, reach])
  const from = days.at(-1)?.from ?? now
  return (
    <>
      <Section title={t('sheet.title')} aside={pending && <span role="status" className="text-sm text-muted">{t('loading')}</span>}>
        {error && <Fault>{t('monitor.unread')} {faults.whole(error)}</Fault>}
        <TenDays days={days} cells={cells} words={words} />
      </Section>
      <Section title={t('rtt.title')}>
        <RoundTrips cells={cells} from={from} now={now} reach={reach} report={report} words={words} />
      </Section>
    </>
  )
}

/** Keeps a value's identity while it is the same. */
function useStable<T>(value: T, same: (a: T, b: T) => boolean): T {
  const [kept, setKept] = useState(value)
  if (kept !== value && !same(kept, value)) {
    setKept(value)
    return value
  }
  return kept
}

function Download({ id }: { id: number }) {
  const { client } = useApi()
  const faults = useFaults()
  const link = useMutation({
    mutationFn: (r: LinkRequest) => client.link({ ...r, monitor_id: id }),
    // A browser cannot send the access token with a download: it follows a link that works once.
    onSuccess: ({ url }) => {
      window.location.assign(url)
    },
  })
  return (
    <>
      <Downloads busy={link.isPending} onDownload={link.mutate} />
      {link.error && <Fault>{faults.whole(link.error)}</Fault>}
    </>
  )
}

/** Whether it stops by itself; not asked where nothing does. */
function Keep({ monitor: m }: { monitor: Monitor }) {
  const { client } = useApi()
  const { service } = useSurroundings()
  const cache = useQueryClient()
  const [wanted, setWanted] = useState<boolean>()
  const keep = useMutation({
    mutationFn: (on: boolean) => client.updateMonitor(m.id, { stop_after: on ? 0 : null }),
    onSuccess: (changed) => { cache.setQueryData(keys.monitor(m.id), changed) },
    onSettled: () => { setWanted(undefined) },
  })
  if (service.failures_to_stop === 0) return null
  return <KeepWatching monitor={m} failures={service.failures_to_stop} wanted={wanted} error={keep.error} onChange={(on) => { setWanted(on); keep.mutate(on) }} />
}

/** Label, notes and the end of it. */
function Upkeep({ monitor: m }: { monitor: Monitor }) {
  const { t } = useTranslation()
  const { client } = useApi()
  const faults = useFaults()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const [asking, setAsking] = useState(false)
  const save = useMutation({
    mutationFn: (p: WordsPatch) => client.updateMonitor(m.id, p),
    onSuccess: (changed) => { cache.setQueryData(keys.monitor(m.id), changed) },
  })
  const remove = useMutation({
    mutationFn: () => client.deleteMonitor(m.id),
    onSuccess: async () => {
      await navigate({ to: '/targets/$id', params: { id: m.target_id } })
      cache.removeQueries({ queryKey: keys.monitor(m.id) })
    },
  })
  return (
    <div className="mt-8 grid gap-4">
      <Keep monitor={m} />
      <WordsForm title={t('monitor.edit')} label={m.label} notes={m.notes} busy={save.isPending} saved={save.isSuccess} error={save.error} onSave={save.mutate} />
      <div>
        <Button onClick={() => { setAsking(true) }}>{t('monitor.delete')}</Button>
      </div>
      {asking && (
        <Confirm title={t('monitor.delete.title', { name: `${shownName(m)} ${protocolName(m.service, m.port)}` })} confirm={t('monitor.delete')} busy={remove.isPending} onConfirm={() => { remove.mutate() }} onClose={() => { setAsking(false) }}>
          <p>{t('monitor.delete.text')}</p>
          {remove.error && <Fault>{faults.whole(remove.error)}</Fault>}
        </Confirm>
      )}
    </div>
  )
}
