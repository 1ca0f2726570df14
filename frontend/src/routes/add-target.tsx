import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { keys } from '@/api/queries'
import { NewTargetForm } from '@/features/targets/new-target-form'

export function AddTargetRoute() {
  const { t } = useTranslation()
  const { client } = useApi()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const add = useMutation({
    mutationFn: client.addTarget,
    onSuccess: async (target) => {
      cache.setQueryData(keys.target(target.id), target)
      void cache.invalidateQueries({ queryKey: keys.status })
      await navigate({ to: '/targets/$id', params: { id: target.id }, search: { first: true } })
    },
  })
  return (
    <div className="card mx-auto max-w-2xl px-5 py-6 sm:px-8">
      <h1 className="mb-4 text-xl font-semibold">{t('add.title')}</h1>
      <NewTargetForm busy={add.isPending} error={add.error} onSubmit={add.mutate} />
    </div>
  )
}
