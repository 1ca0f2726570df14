import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { ClaimedTarget } from '@/domain/types'
import type { Words } from '@/i18n/words'

interface Props {
  target: ClaimedTarget
  words: Words
  now: number
  action?: ReactNode
}

/** Who watches a host, where it stands; nothing of what was measured. */
export function ClaimedTargetRow({ target: c, words, now, action }: Props) {
  const { t } = useTranslation()
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
      <div className="min-w-0 flex-1 basis-60">
        <p className="wrap-anywhere">
          <span className="font-semibold">{c.host_display}</span> <span className="text-muted">{c.email}</span>
        </p>
        <p className="text-sm break-words text-muted">
          {[...c.addresses, t('operator.since', { time: words.moment(c.created_at, now) })].join(' · ')}
          {c.allowed_country && ` · ${t('operator.claims.allowed')}`}
          {c.proof_state !== 'none' && ` · ${t(`operator.claims.proof.${c.proof_state}`)}`}
          {!c.held && <span className="text-wr"> · {t('operator.claims.lost')}</span>}
        </p>
      </div>
      {action}
    </div>
  )
}
