import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { keys } from '@/api/queries'
import { AddressForm } from '@/features/settings/address-form'
import { ProfileForm } from '@/features/settings/profile-form'
import { storeLanguage } from '@/i18n/i18n'
import { Button } from '@/ui/button'
import { CodeForm } from '@/ui/code-form'
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
    <>
      <Part title={t('settings.profile')}>
        <ProfileForm me={me} busy={save.isPending} saved={save.isSuccess} error={save.error} onSave={save.mutate} />
      </Part>
      <Address email={me.email} />
    </>
  )
}

/** The sign-in address: asked for, then confirmed by the code or the link that the new one gets. */
function Address({ email }: { email: string }) {
  const { t } = useTranslation()
  const { client } = useApi()
  const cache = useQueryClient()
  const [asked, setAsked] = useState<string | null>(null)
  const ask = useMutation({ mutationFn: client.changeEmail, onSuccess: (_, c) => { setAsked(c.new_email) } })
  const confirm = useMutation({
    mutationFn: client.confirmEmailCode,
    onSuccess: async () => {
      setAsked(null)
      await cache.invalidateQueries({ queryKey: keys.me })
    },
  })
  return (
    <Part title={t('settings.address')} text={t('settings.profile.text', { email })}>
      {asked && asked !== email ? (
        <div className="card grid gap-4 px-5 py-4">
          <p role="status">{t('settings.address.sent', { email: asked })}</p>
          <CodeForm label={t('auth.code')} submit={t('verify.do')} busy={confirm.isPending} error={confirm.error} onSubmit={confirm.mutate} />
          <div>
            <Button look="quiet" onClick={() => { setAsked(null) }}>{t('form.cancel')}</Button>
          </div>
        </div>
      ) : (
        <AddressForm key={email} email={email} busy={ask.isPending} error={ask.error} onSubmit={ask.mutate} />
      )}
      {confirm.isSuccess && !asked && <p role="status" className="text-ok">{t('auth.address.done')}</p>}
    </Part>
  )
}
