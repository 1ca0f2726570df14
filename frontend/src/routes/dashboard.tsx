import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { keys, queries } from '@/api/queries'
import { byTrouble } from '@/domain/types'
import { Counters } from '@/features/status/counters'
import { Sentence } from '@/features/status/sentence'
import { TargetCard } from '@/features/targets/target-card'
import { Addresses } from '@/ui/addresses'
import { Button, buttonClass } from '@/ui/button'
import { Fault, Section } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { useNow } from '@/ui/use-now'
import { useSurroundings } from '@/ui/setting'

export function DashboardRoute() {
  const { t } = useTranslation()
  const { client } = useApi()
  const { words, service } = useSurroundings()
  const now = useNow()
  const faults = useFaults()
  const status = useQuery(queries.status(client))
  const lines = useQuery(queries.lines(client))
  const error = status.error
  return (
    <>
      {error && !status.data && <Fault>{faults.whole(error)}</Fault>}
      {status.data && (
        <>
          <Sentence status={status.data} words={words} now={now} />
          {status.data.overall === 'empty' ? (
            <p className="my-4">
              <Link to="/targets/new" className={buttonClass('primary', true)}>
                {t('sentence.empty.do')}
              </Link>
            </p>
          ) : (
            <Counters counts={status.data.counts} every={words.every(service.effective_interval_seconds)} />
          )}
        </>
      )}
      <div className="mt-4">{lines.data && <Addresses lines={lines.data.items} words={words} />}</div>
      {status.data && status.data.overall !== 'empty' && <Targets now={now} stopped={status.data.counts.stopped} />}
    </>
  )
}

function Targets({ now, stopped }: { now: number; stopped: number }) {
  const { t } = useTranslation()
  const { client } = useApi()
  const { words } = useSurroundings()
  const cache = useQueryClient()
  const faults = useFaults()
  const targets = useInfiniteQuery(queries.targets(client))
  const renew = () => Promise.all([cache.invalidateQueries({ queryKey: keys.targets }), cache.invalidateQueries({ queryKey: keys.status })])
  const resume = useMutation({ mutationFn: client.resume, onSettled: renew })
  const resumeStopped = useMutation({ mutationFn: client.resumeStopped, onSettled: renew })
  const all = targets.data?.pages.flatMap((p) => p.items).sort(byTrouble) ?? []
  const fault = resume.error ?? resumeStopped.error ?? (targets.data ? null : targets.error)
  return (
    <Section
      title={t('targets.title')}
      aside={
        stopped > 1 && (
          <Button disabled={resumeStopped.isPending} onClick={() => { resumeStopped.mutate() }}>
            {t('targets.resume_stopped')}
          </Button>
        )
      }
    >
      {fault && <Fault>{faults.whole(fault)}</Fault>}
      <div className="grid gap-3">
        {all.map((target) => (
          <TargetCard key={target.id} target={target} words={words} now={now} onResume={resume.mutate} />
        ))}
      </div>
      {targets.hasNextPage && (
        <p className="mt-3">
          <Button disabled={targets.isFetchingNextPage} onClick={() => void targets.fetchNextPage()}>
            {t('targets.more')}
          </Button>
        </p>
      )}
    </Section>
  )
}
