import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Account } from '@/domain/types'
import type { Words } from '@/i18n/words'

interface Props {
  accounts: readonly Account[]
  words: Words
  now: number
}

export function AccountList({ accounts, words, now }: Props) {
  const { t } = useTranslation()
  if (!accounts.length) return <p role="status" className="card px-5 py-4">{t('operator.accounts.none')}</p>
  return (
    <ul className="card divide-y divide-hairline">
      {accounts.map((a) => (
        <li key={a.id} className="px-5 py-3">
          <p className="flex flex-wrap items-baseline gap-x-3">
            <Link to="/operator/accounts/$id" params={{ id: a.id }} className="font-semibold wrap-anywhere text-link">{a.email}</Link>
            <span className="text-sm text-muted">#{a.id}</span>
            <AccountTags account={a} />
          </p>
          <p className="text-sm text-muted">
            {t('operator.accounts.has', { targets: a.targets, monitors: a.monitors, contacts: a.contacts })}
            {' · '}
            {a.last_seen_at ? t('operator.accounts.seen', { time: words.moment(a.last_seen_at, now) }) : t('operator.accounts.unseen')}
          </p>
        </li>
      ))}
    </ul>
  )
}

/** What is unusual about an account. */
export function AccountTags({ account: a }: { account: Account }) {
  const { t } = useTranslation()
  return (
    <>
      {a.disabled_at && <span className="text-sm font-semibold text-ng">{t('operator.accounts.disabled')}</span>}
      {a.role === 'operator' && <span className="text-sm text-ok">{t('operator.accounts.operator')}</span>}
      {!a.verified_at && <span className="text-sm text-wr">{t('operator.accounts.unverified')}</span>}
    </>
  )
}
