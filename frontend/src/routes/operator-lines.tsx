import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { queries } from '@/api/queries'
import { LineList } from '@/features/operator/line-list'
import { Fault, Part } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { useSurroundings } from '@/ui/setting'

export function OperatorLinesRoute() {
  const { t } = useTranslation()
  const { client } = useApi()
  const { words } = useSurroundings()
  const faults = useFaults()
  const lines = useQuery(queries.lines(client))
  return (
    <Part title={t('operator.lines')} text={t('operator.lines.text')}>
      {lines.error && !lines.data && <Fault>{faults.whole(lines.error)}</Fault>}
      {lines.data && <LineList lines={lines.data.items} words={words} />}
    </Part>
  )
}
