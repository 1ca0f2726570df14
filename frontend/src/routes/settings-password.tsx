import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { keys } from '@/api/queries'
import { PasswordForm } from '@/features/settings/password-form'
import { Part } from '@/ui/layout'
import { useSurroundings } from '@/ui/setting'

export function PasswordRoute() {
  const { t } = useTranslation()
  const { client } = useApi()
  const { me } = useSurroundings()
  const cache = useQueryClient()
  const [changes, setChanges] = useState(0)
  const change = useMutation({
    mutationFn: client.changePassword,
    onSuccess: async () => {
      setChanges((n) => n + 1) // an empty form
      await cache.invalidateQueries({ queryKey: keys.sessions })
    },
  })
  return (
    <Part title={t('settings.password')} text={t('settings.password.text')}>
      <PasswordForm key={changes} email={me.email} busy={change.isPending} done={change.isSuccess} error={change.error} onSubmit={change.mutate} />
    </Part>
  )
}
