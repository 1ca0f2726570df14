import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { queries } from '@/api/queries'
import { DeleteAccount } from '@/features/settings/delete-account'
import { saveFile } from '@/lib/save-file'
import { Button } from '@/ui/button'
import { Fault, Part } from '@/ui/layout'
import { QuotaLine } from '@/ui/quota'
import { useFaults } from '@/ui/faults'
import { useSurroundings } from '@/ui/setting'

/** What belongs to the person: to take along, or to end. */
export function DataRoute() {
  return (
    <>
      <Use />
      <Export />
      <Farewell />
    </>
  )
}

/** How much of what the account may have is used; left out where there is no bound. */
function Use() {
  const { t } = useTranslation()
  const { me } = useSurroundings()
  if (Object.values(me.quotas).every((q) => q.limit === null)) return null
  return (
    <Part title={t('quotas.title')} text={t('quotas.text')}>
      <div className="card px-5 py-4"><QuotaLine quotas={me.quotas} /></div>
    </Part>
  )
}

function Export() {
  const { t } = useTranslation()
  const { client } = useApi()
  const faults = useFaults()
  const fetchAll = useMutation({
    mutationFn: client.exportAll,
    onSuccess: (file) => { saveFile(file, `hinomi-${new Date().toISOString().slice(0, 10)}.zip`) },
  })
  return (
    <Part title={t('settings.export')} text={t('settings.export.text')}>
      {fetchAll.error && <Fault>{faults.whole(fetchAll.error)}</Fault>}
      <div className="flex flex-wrap items-center gap-3">
        <Button large disabled={fetchAll.isPending} onClick={() => { fetchAll.mutate() }}>
          {fetchAll.isPending ? t('form.busy') : t('settings.export.do')}
        </Button>
        <span role="status" className="text-sm text-ok">{fetchAll.isSuccess ? t('settings.export.done') : ''}</span>
      </div>
    </Part>
  )
}

/** Deletes the account; afterwards nobody is signed in here. */
function Farewell() {
  const { t } = useTranslation()
  const { client, session } = useApi()
  const { me } = useSurroundings()
  const navigate = useNavigate()
  const cache = useQueryClient()
  const [asking, setAsking] = useState(false)
  const totp = useQuery(queries.totp(client))
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
        <Button large disabled={totp.isPending} onClick={() => { setAsking(true) }}>{t('settings.delete.do')}</Button>
      </div>
      {asking && (
        <DeleteAccount email={me.email} second={totp.data?.enabled ?? false} busy={remove.isPending} error={remove.error} onSubmit={remove.mutate} onClose={() => { setAsking(false) }} />
      )}
    </Part>
  )
}
