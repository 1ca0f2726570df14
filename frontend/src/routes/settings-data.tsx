import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { DeleteAccount } from '@/features/settings/delete-account'
import { Button } from '@/ui/button'
import { Part } from '@/ui/layout'
import { useSurroundings } from '@/ui/setting'

/** Deletes the account; afterwards nobody is signed in here. */
export function DataRoute() {
  const { t } = useTranslation()
  const { client, session } = useApi()
  const { me } = useSurroundings()
  const navigate = useNavigate()
  const cache = useQueryClient()
  const [asking, setAsking] = useState(false)
  const remove = useMutation({
    mutationFn: client.deleteMe,
    onSuccess: async () => {
      session.forget()
      await navigate({ to: '/sign-in', search: { deleted: true } })
      cache.clear()
    },
  })
  return (
    <Part title={t('settings.delete')} text={t('settings.delete.what')}>
      <div>
        <Button large onClick={() => { setAsking(true) }}>{t('settings.delete.do')}</Button>
      </div>
      {asking && (
        <DeleteAccount email={me.email} busy={remove.isPending} error={remove.error} onSubmit={remove.mutate} onClose={() => { setAsking(false) }} />
      )}
    </Part>
  )
}
