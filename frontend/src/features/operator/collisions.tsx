import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { ClaimedTarget, Collision } from '@/domain/types'
import type { Words } from '@/i18n/words'
import { ClaimedTargetRow } from './claimed-target'

interface Props {
  collisions: readonly Collision[]
  words: Words
  now: number
  action?: (target: ClaimedTarget) => ReactNode
}

/** Targets that stand where they could not be registered today. */
export function Collisions({ collisions, words, now, action }: Props) {
  const { t } = useTranslation()
  if (!collisions.length) return <p className="card px-5 py-4">{t('operator.collisions.none')}</p>
  return (
    <ul className="card divide-y divide-hairline">
      {collisions.map((c) => (
        <li key={`${c.kind} ${c.target.id} ${c.holder?.id ?? ''} ${c.address ?? ''}`} className="grid gap-2 px-5 py-3">
          <p className="text-sm text-wr">
            {t(`operator.collisions.${c.kind}`)}
            {c.address && <code className="ml-2">{c.address}</code>}
            <span className="ml-2 text-muted">{words.moment(c.since, now)}</span>
          </p>
          <ClaimedTargetRow target={c.target} words={words} now={now} action={action?.(c.target)} />
          {c.holder && <ClaimedTargetRow target={c.holder} words={words} now={now} action={action?.(c.holder)} />}
        </li>
      ))}
    </ul>
  )
}
