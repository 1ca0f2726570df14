import { useTranslation } from 'react-i18next'
import type { Quotas } from '@/domain/types'

const NAMES = ['targets', 'monitors', 'contacts'] as const

interface Props {
  quotas: Quotas
  /** Which to speak of. */
  of?: readonly (typeof NAMES)[number][]
}

/** How much of what one may have is there: “3 of 20 servers”. Nothing where there is no bound. */
export function QuotaLine({ quotas, of = NAMES }: Props) {
  const { t } = useTranslation()
  const bound = of.flatMap((name) => {
    const { used, limit } = quotas[name]
    return limit === null ? [] : [{ name, used, limit }]
  })
  if (!bound.length) return null
  return (
    <p className="flex flex-wrap gap-x-4 text-sm">
      {bound.map(({ name, used, limit }) => (
        <span key={name} className={used >= limit ? 'font-semibold text-wr' : 'text-muted'}>
          {t(`quotas.${name}`, { used, limit })}
        </span>
      ))}
    </p>
  )
}
