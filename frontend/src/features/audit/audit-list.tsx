import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { deviceName } from '@/domain/device'
import type { AuditEntry, OperatorAuditEntry } from '@/domain/types'
import { enAudit } from '@/i18n/en-audit'
import type { Words } from '@/i18n/words'
import { useFaults } from '@/ui/faults'

interface Props<E> {
  entries: readonly E[]
  words: Words
  now: number
  /** Whose log it is; where it is of all. */
  whose?: (entry: E) => ReactNode
}

/** What was done, by whom, when and from where; the newest first. */
export function AuditList<E extends AuditEntry | OperatorAuditEntry>({ entries, words, now, whose }: Props<E>) {
  const { t } = useTranslation()
  if (!entries.length) return <p className="card px-5 py-4">{t('audit.none')}</p>
  return (
    <ol className="card divide-y divide-hairline">
      {entries.map((e) => (
        <li key={e.id} className="grid gap-x-4 px-5 py-2 sm:grid-cols-[9rem_minmax(0,1fr)]">
          <time dateTime={e.at} className="text-sm text-muted sm:leading-[1.6rem]">{words.moment(e.at, now, true)}</time>
          <div className="min-w-0">
            <p className={failed(e) ? 'text-wr' : ''}>
              <Deed entry={e} />
              {whose && <span className="ml-2 text-muted">{whose(e)}</span>}
            </p>
            <From entry={e} />
          </div>
        </li>
      ))}
    </ol>
  )
}

/** Of what failed only sign-ins are written down; elsewhere the detail is a reason. */
const failed = (e: AuditEntry | OperatorAuditEntry) => e.action === 'login' && e.detail !== null

type DeedKey = Extract<keyof typeof enAudit, `audit.do.${string}`>

/** Operations come from the server; a newer one may have no words yet. */
function isDeed(key: string): key is DeedKey {
  return Object.hasOwn(enAudit, key)
}

function Deed({ entry: e }: { entry: AuditEntry | OperatorAuditEntry }) {
  const { t } = useTranslation()
  const key = `audit.do.${e.action}`
  return (
    <>
      {failed(e) ? t('audit.do.login.failed') : isDeed(key) ? t(key) : <code>{e.action}</code>}
      {e.object && <span className="ml-2 text-sm text-muted">#{e.object}</span>}
    </>
  )
}

/** Who, from which address and by what. */
function From({ entry: e }: { entry: AuditEntry | OperatorAuditEntry }) {
  const { t } = useTranslation()
  const faults = useFaults()
  const parts = [
    t(`audit.by.${e.actor}`),
    e.token_id !== null && t('audit.token', { id: e.token_id }),
    e.address,
    e.user_agent && (deviceName(e.user_agent) ?? t('audit.device')),
    e.detail && (faults.word(e.detail) ?? e.detail),
  ].filter(Boolean)
  return <p className="text-sm break-words text-muted" title={e.user_agent ?? undefined}>{parts.join(' · ')}</p>
}
