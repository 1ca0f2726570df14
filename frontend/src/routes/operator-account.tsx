import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { keys, queries } from '@/api/queries'
import { useAct } from '@/api/use-act'
import type { Account, AccountPatch } from '@/domain/types'
import { AccountTags } from '@/features/operator/account-list'
import { OpenAccount } from '@/features/operator/open-account'
import { QuotaForm } from '@/features/operator/quota-form'
import { Button, buttonClass } from '@/ui/button'
import { Confirm } from '@/ui/dialog'
import { Fault, Part } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { useNow } from '@/ui/use-now'
import { useSurroundings } from '@/ui/setting'

/** One account as operators see it: how much it has, and nothing of what. */
export function OperatorAccountRoute({ id }: { id: number }) {
  const { t } = useTranslation()
  const { client } = useApi()
  const faults = useFaults()
  const account = useQuery(queries.account(client, id))
  return (
    <>
      <p className="mb-3"><Link to="/operator/accounts" className="text-link">{t('operator.accounts')}</Link></p>
      {account.error && !account.data && <Fault>{faults.whole(account.error)}</Fault>}
      {account.isPending && <p role="status">{t('loading')}</p>}
      {account.data && (
        <>
          <Facts account={account.data} />
          <Quotas id={id} />
        </>
      )}
    </>
  )
}

function Facts({ account: a }: { account: Account }) {
  const { t } = useTranslation()
  const { words } = useSurroundings()
  const now = useNow()
  const when = (iso: string | null) => (iso ? words.moment(iso, now) : null)
  return (
    <Part title={a.email}>
      <div className="card grid gap-3 px-5 py-4">
        <p className="flex flex-wrap gap-x-3 empty:hidden"><AccountTags account={a} /></p>
        <dl className="grid gap-x-4 sm:grid-cols-[10rem_minmax(0,1fr)]">
          <Row name={t('operator.account.made')}>{when(a.created_at)}</Row>
          <Row name={t('operator.account.verified')}>{when(a.verified_at)}</Row>
          <Row name={t('operator.account.seen')}>{when(a.last_seen_at)}</Row>
          {a.disabled_at && <Row name={t('operator.accounts.disabled')}>{when(a.disabled_at)}</Row>}
          <Row name={t('settings.totp')}>{t(a.second_factor ? 'operator.account.on' : 'operator.account.off')}</Row>
          <Row name={t('operator.account.terms')}>{a.terms_version}</Row>
          <Row name={t('operator.account.has')}>{t('operator.accounts.has', { targets: a.targets, monitors: a.monitors, contacts: a.contacts })}</Row>
        </dl>
        <Acts account={a} />
      </div>
    </Part>
  )
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  const { t } = useTranslation()
  return (
    <>
      <dt className="text-sm text-muted">{name}</dt>
      <dd className="wrap-anywhere">{children ?? <span className="text-muted">{t('operator.account.never')}</span>}</dd>
    </>
  )
}

type Asked = 'disable' | 'enable' | 'promote' | 'demote' | 'open'

const PATCHES: Record<Exclude<Asked, 'open'>, AccountPatch> = { disable: { disabled: true }, enable: { disabled: false }, promote: { role: 'operator' }, demote: { role: 'user' } }

function Acts({ account: a }: { account: Account }) {
  const { t } = useTranslation()
  const { client } = useApi()
  const faults = useFaults()
  const [asked, setAsked] = useState<Asked | null>(null)
  const change = useAct((p: AccountPatch) => client.updateAccount(a.id, p), [keys.accounts], () => { setAsked(null) })
  const ask = (what: Asked) => {
    change.reset()
    setAsked(what)
  }
  const acts: Asked[] = [...(a.disabled_at ? (['enable'] as const) : (['open', 'disable'] as const)), a.role === 'operator' ? 'demote' : 'promote']
  return (
    <>
      <div className="flex flex-wrap gap-2">
        {acts.map((act) => (
          <Button key={act} onClick={() => { ask(act) }}>{t(`operator.${act}`)}</Button>
        ))}
        <Link to="/operator/audit" search={{ account: a.id }} className={buttonClass()}>{t('audit.title')}</Link>
      </div>
      {asked === 'open' && <Open account={a} onClose={() => { setAsked(null) }} />}
      {asked && asked !== 'open' && (
        <Confirm title={t(`operator.${asked}.title`, { email: a.email })} confirm={t(`operator.${asked}`)} busy={change.isPending} onConfirm={() => { change.mutate(PATCHES[asked]) }} onClose={() => { setAsked(null) }}>
          <p>{t(`operator.${asked}.text`)}</p>
          {change.error && <Fault>{faults.whole(change.error)}</Fault>}
        </Confirm>
      )}
    </>
  )
}

/** Looks at the account as its owner sees it; the shell says so on every page until it is left. */
function Open({ account: a, onClose }: { account: Account; onClose: () => void }) {
  const { client, session } = useApi()
  const navigate = useNavigate()
  const open = useMutation({
    mutationFn: (reason: string) => client.openAccount(a.id, reason),
    onSuccess: async (token) => {
      session.open(token)
      await navigate({ to: '/' })
    },
    gcTime: 0,
  })
  return <OpenAccount email={a.email} busy={open.isPending} error={open.error} onSubmit={open.mutate} onClose={onClose} />
}

function Quotas({ id }: { id: number }) {
  const { t } = useTranslation()
  const { client } = useApi()
  const faults = useFaults()
  const quotas = useQuery(queries.accountQuotas(client, id))
  const save = useAct(client.setAccountQuotas, [keys.accountQuotas(id), keys.me])
  return (
    <Part title={t('operator.quotas')} text={t('operator.quotas.text')}>
      {quotas.error && !quotas.data && <Fault>{faults.whole(quotas.error)}</Fault>}
      {quotas.data && <QuotaForm quotas={quotas.data} busy={save.isPending} saved={save.isSuccess} error={save.error} onSave={(own) => { save.mutate({ id, own }) }} />}
    </Part>
  )
}
