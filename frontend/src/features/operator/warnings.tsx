import { useTranslation } from 'react-i18next'
import type { ServiceWarning } from '@/domain/types'

/** What is wrong with the service as a whole, and what to do about it. */
export function Warnings({ warnings }: { warnings: readonly ServiceWarning[] }) {
  const { t } = useTranslation()
  if (!warnings.length) return <p className="card px-5 py-4 text-ok">{t('operator.warnings.none')}</p>
  return (
    <ul className="card divide-y divide-hairline border-l-4 border-l-wr-fill">
      {warnings.map((w) => (
        <li key={w} className="px-5 py-3">{t(`operator.warning.${w}`)}</li>
      ))}
    </ul>
  )
}
