import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { keys } from '@/api/queries'
import { ProfileForm } from '@/features/settings/profile-form'
import { storeLanguage } from '@/i18n/i18n'
import { Part } from '@/ui/layout'
import { useSurroundings } from '@/ui/setting'

export function ProfileRoute() {
  const { t, i18n } = useTranslation()
  const { client } = useApi()
  const { me } = useSurroundings()
  const cache = useQueryClient()
  const save = useMutation({
    mutationFn: client.updateMe,
    onSuccess: async (changed) => {
      cache.setQueryData(keys.me, changed)
      storeLanguage(changed.locale)
      await i18n.changeLanguage(changed.locale)
    },
  })
  return (
    <Part title={t('settings.profile')} text={t('settings.profile.text', { email: me.email })}>
      <ProfileForm me={me} busy={save.isPending} saved={save.isSuccess} error={save.error} onSave={save.mutate} />
    </Part>
  )
}
