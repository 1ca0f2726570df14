import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { queries } from '@/api/queries'
import { LineList } from '@/features/operator/line-list'
import { Warnings } from '@/features/operator/warnings'
import { Fault, Part } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { useNow } from '@/ui/use-now'
import { useSurroundings } from '@/ui/setting'

/** How the lines and the service fare. */
export function OperatorLinesRoute() {
  const { t } = useTranslation()
  const { client } = useApi()
  const { words } = useSurroundings()
  const faults = useFaults()
  const now = useNow()
  const lines = useQuery(queries.operatorLines(client))
  return (
    <>
      {lines.error && !lines.data && <Fault>{faults.whole(lines.error)}</Fault>}
      {lines.isPending && <p role="status">{t('loading')}</p>}
      {lines.data && (
        <>
          <Part title={t('operator.warnings')}>
            <Warnings warnings={lines.data.warnings} />
          </Part>
          <Part title={t('operator.lines')} text={t('operator.lines.text')}>
            <LineList lines={lines.data.items} words={words} now={now} />
          </Part>
        </>
      )}
    </>
  )
}
