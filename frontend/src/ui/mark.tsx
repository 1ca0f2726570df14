import { useTranslation } from 'react-i18next'
import type { MarkName } from '@/domain/types'
import sprite from '@/ui/marks.svg?no-inline'

const COLOUR: Record<MarkName, string> = {
  ok: 'text-ok',
  ng: 'text-ng',
  wr: 'text-wr',
  err: 'text-err',
  unknown: 'text-unknown',
  paused: 'text-muted',
  stopped: 'text-fire',
}

interface Props {
  name: MarkName
  burning?: boolean
  /** null: decoration beside words that say the same. */
  label?: string | null
}

/** A status or state as shape and colour, named for screen readers. */
export function Mark({ name, burning = false, label }: Props) {
  const { t } = useTranslation()
  const words = label === undefined ? (name === 'paused' || name === 'stopped' ? t(`mark.${name}`) : t(`status.${name}`)) : label
  const speech = words === null ? ({ 'aria-hidden': true } as const) : ({ role: 'img', 'aria-label': words } as const)
  return (
    <svg className={`block size-4 shrink-0 ${burning ? 'text-fire' : COLOUR[name]}`} {...speech}>
      <use href={`${sprite}#${name}`} />
    </svg>
  )
}
