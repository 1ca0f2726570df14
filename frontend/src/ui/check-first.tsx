import { useTranslation } from 'react-i18next'
import type { CheckKey } from '@/domain/types'

/** What to look at first, for one reason. */
export function CheckFirst({ keys }: { keys: readonly (CheckKey | 'tcp53')[] }) {
  const { t } = useTranslation()
  if (!keys.length) return null
  return (
    <div className="mt-1 ml-7 text-sm">
      <p className="text-muted">{t('check.title')}</p>
      <ul className="ml-5 list-disc">
        {keys.map((k) => (
          <li key={k}>{t(`check.${k}`)}</li>
        ))}
      </ul>
    </div>
  )
}
