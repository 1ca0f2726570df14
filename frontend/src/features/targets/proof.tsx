import { useTranslation } from 'react-i18next'
import type { Proof as State } from '@/domain/types'
import type { Words } from '@/i18n/words'
import { Button } from '@/ui/button'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { ProofWays } from './proof-task'

interface Props {
  proof: State
  words: Words
  now: number
  busy: boolean
  error: unknown
  /** It was looked for just now. */
  looked: boolean
  onLook: () => void
}

/** Whether a host is shown to be one's own, and how to show it. */
export function Proof({ proof, words, now, busy, error, looked, onLook }: Props) {
  const { t } = useTranslation()
  const faults = useFaults()
  const proven = proof.state === 'proven'
  return (
    <div className="card grid gap-4 px-5 py-4">
      <Standing proof={proof} words={words} now={now} />
      {!proven && (
        <>
          <p>{t('proof.text')}</p>
          <ProofWays task={proof} />
        </>
      )}
      {error ? <Fault>{faults.whole(error)}</Fault> : null}
      <div className="flex flex-wrap items-center gap-3">
        <Button look={proven ? 'plain' : 'primary'} large disabled={busy} onClick={onLook}>
          {t(busy ? 'monitor.probing' : 'monitor.probe')}
        </Button>
        <span role="status" className={`text-sm ${proven ? 'text-ok' : 'text-wr'}`}>
          {looked && !busy && !error ? t(proven ? 'proof.found' : 'proof.not_found') : ''}
        </span>
      </div>
    </div>
  )
}

function Standing({ proof, words, now }: { proof: State; words: Words; now: number }) {
  const { t } = useTranslation()
  const checked = proof.checked_at && t('proof.checked', { time: words.moment(proof.checked_at, now) })
  if (proof.state === 'proven') {
    return (
      <p>
        <ProofBadge />{' '}
        <span className="text-sm text-muted">
          {[proof.method && t(`proof.by.${proof.method}`), proof.proven_at && t('proof.since', { time: words.date(proof.proven_at, now) }), checked, t('proof.weekly')].filter(Boolean).join(' · ')}
        </span>
      </p>
    )
  }
  return (
    <p className={proof.state === 'lost' ? 'text-wr' : ''}>
      {t(`proof.${proof.state}`)} {checked && <span className="text-sm text-muted">{checked}</span>}
    </p>
  )
}

/** Stands beside a host that is shown to be one's own. */
export function ProofBadge() {
  const { t } = useTranslation()
  return <span className="rounded-card border border-ok px-2 py-0.5 text-sm whitespace-nowrap text-ok">{t('proof.proven')}</span>
}
