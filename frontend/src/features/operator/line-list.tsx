import { useTranslation } from 'react-i18next'
import type { OperatorLine } from '@/domain/types'
import type { Words } from '@/i18n/words'

/** The lines as this machine has them. */
export function LineList({ lines, words, now }: { lines: readonly OperatorLine[]; words: Words; now: number }) {
  const { t } = useTranslation()
  return (
    <ul className="grid gap-3">
      {lines.map((l) => (
        <li key={l.name} className={`card px-5 py-4 ${l.warnings.length || l.health.warnings.length ? 'border-l-4 border-l-wr-fill' : ''}`}>
          <h3 className="font-semibold">
            {words.line(l.name)} <code className="ml-1 text-sm font-normal text-muted">{l.name}</code>
          </h3>
          <dl className="mt-1 grid gap-x-4 sm:grid-cols-[10rem_minmax(0,1fr)]">
            <Row name={t('operator.lines.addresses')} values={l.addresses} />
            <Row name={t('operator.lines.device')} values={l.device ? [l.device] : []} />
            <Row name={t('operator.lines.gateways')} values={l.gateways ?? []} />
            <Row name={t('operator.lines.probes')} values={[t('operator.lines.counts', { replies: l.health.replies, failures: l.health.failures, unmeasured: l.health.unmeasured })]} />
            <Row name={t('operator.lines.last')} values={l.health.last_reply_at ? [words.moment(l.health.last_reply_at, now, true)] : []} />
          </dl>
          {l.warnings.map((w) => (
            <p key={w} className="mt-1 text-wr">{t(`addresses.warning.${w}`)}</p>
          ))}
          {l.health.warnings.length > 0 && <p className="mt-1 text-wr">{t('operator.lines.no_reply')}</p>}
          {!l.warnings.length && !l.health.warnings.length && <p className="mt-1 text-sm text-ok">{t('operator.lines.well')}</p>}
        </li>
      ))}
    </ul>
  )
}

function Row({ name, values }: { name: string; values: readonly string[] }) {
  const { t } = useTranslation()
  return (
    <>
      <dt className="text-sm text-muted">{name}</dt>
      <dd className="wrap-anywhere">{values.length ? values.join(', ') : <span className="text-muted">{t('operator.unknown')}</span>}</dd>
    </>
  )
}
