import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { keys, queries } from '@/api/queries'
import { useAct } from '@/api/use-act'
import { InviteForm } from '@/features/operator/invite-form'
import { InviteList } from '@/features/operator/invite-list'
import { CopyText } from '@/ui/copy-text'
import { Fault, Notice, Part } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { useNow } from '@/ui/use-now'
import { useSurroundings } from '@/ui/setting'

/** Who may register, and the invitations that let somebody in. */
export function InvitesRoute() {
  const { t } = useTranslation()
  const { client } = useApi()
  const { service, words } = useSurroundings()
  const faults = useFaults()
  const now = useNow()
  const invites = useQuery(queries.invites(client))
  const make = useAct(client.invite, [keys.invites])
  const remove = useAct(client.deleteInvite, [keys.invites])
  const error = remove.error ?? (invites.data ? null : invites.error)
  return (
    <>
      <Part title={t('operator.invites.new')} text={t(`operator.registration.${service.registration}`)}>
        {make.data && (
          <Notice>
            <p role="status" className="w-full font-semibold">{t('operator.invites.once')}</p>
            <CopyText text={make.data.url} what={t('operator.invites.link')} />
          </Notice>
        )}
        <InviteForm key={make.data?.id ?? 0} busy={make.isPending} error={make.error} onSubmit={make.mutate} />
      </Part>
      <Part title={t('operator.invites')}>
        {error && <Fault>{faults.whole(error)}</Fault>}
        {invites.isPending && <p role="status">{t('loading')}</p>}
        {invites.data && <InviteList invites={invites.data.items} words={words} now={now} busy={remove.isPending} onDelete={remove.mutate} />}
      </Part>
    </>
  )
}
