import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { keys } from '@/api/queries'
import { ApiError } from '@/api/session'
import { AskForm } from '@/features/targets/ask-form'
import { NewTargetForm } from '@/features/targets/new-target-form'
import { ProofWays } from '@/features/targets/proof-task'
import { QuotaLine } from '@/ui/quota'
import { useSurroundings } from '@/ui/setting'

export function AddTargetRoute() {
  const { t } = useTranslation()
  const { client } = useApi()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const { me, service } = useSurroundings()
  const add = useMutation({
    mutationFn: client.addTarget,
    onSuccess: async (target) => {
      cache.setQueryData(keys.target(target.id), target)
      void cache.invalidateQueries({ queryKey: keys.status })
      void cache.invalidateQueries({ queryKey: keys.me })
      await navigate({ to: '/targets/$id', params: { id: target.id }, search: { first: true } })
    },
  })
  return (
    <div className="card mx-auto max-w-2xl px-5 py-6 sm:px-8">
      <h1 className="text-xl font-semibold">{t('add.title')}</h1>
      <QuotaLine quotas={me.quotas} of={['targets', 'monitors']} />
      <div className="mt-4">
        <NewTargetForm anyPort={service.target_policy === 'any'} busy={add.isPending} error={add.error} onSubmit={add.mutate} />
      </div>
      {add.error instanceof ApiError && add.error.proof && (
        <div className="mt-6 grid gap-3 border-t border-hairline pt-4">
          <h2 className="font-semibold">{t('proof.yours')}</h2>
          <p>{t('proof.yours.text')}</p>
          <ProofWays task={add.error.proof} />
        </div>
      )}
      {add.variables && abroad(add.error) && <Ask key={add.variables.host} host={add.variables.host} />}
    </div>
  )
}

/** The host was refused for its country, which the operator can set aside. */
function abroad(error: unknown): boolean {
  return error instanceof ApiError && error.fields.some((f) => f.field === 'host' && (f.code === 'country_forbidden' || f.code === 'country_unknown'))
}

function Ask({ host }: { host: string }) {
  const { client } = useApi()
  const ask = useMutation({ mutationFn: (note: string) => client.askForHost({ host, note }) })
  return (
    <div className="mt-6 border-t border-hairline pt-4">
      <AskForm host={host} busy={ask.isPending} error={ask.error} asked={ask.isSuccess} onSubmit={ask.mutate} />
    </div>
  )
}
