import { useTranslation } from 'react-i18next'
import type { Monitor } from '@/domain/types'
import { Tick } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'

interface Props {
  monitor: Monitor
  /** Failures in a row that stop others. */
  failures: number
  /** What was asked for and is not answered yet. */
  wanted: boolean | undefined
  error: unknown
  onChange: (keep: boolean) => void
}

/** Whether watching goes on however long it fails. */
export function KeepWatching({ monitor, failures, wanted, error, onChange }: Props) {
  const { t } = useTranslation()
  const faults = useFaults()
  return (
    <div className="card px-5 py-3">
      <Tick label={t('monitor.keep')} hint={t('monitor.keep.hint', { count: failures })} name="keep" checked={wanted ?? monitor.stop_after === 0} disabled={wanted !== undefined} onChange={(e) => { onChange(e.target.checked) }} />
      {error ? <Fault>{faults.whole(error)}</Fault> : null}
    </div>
  )
}
