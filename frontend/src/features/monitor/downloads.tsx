import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LinkRequest } from '@/domain/types'
import { Button } from '@/ui/button'
import { Choice } from '@/ui/field'

type Part = NonNullable<LinkRequest['part']>

const PARTS: readonly Part[] = ['results', 'incidents', 'summary']

interface Props {
  busy: boolean
  onDownload: (r: LinkRequest) => void
}

/** Ten days as a file. JSON holds the results. */
export function Downloads({ busy, onDownload }: Props) {
  const { t } = useTranslation()
  const [part, setPart] = useState<Part>('results')
  return (
    <div className="flex flex-wrap items-end gap-2">
      <div className="w-40">
        <Choice label={t('monitor.download.part')} value={part} onChange={(e) => { setPart(PARTS.find((p) => p === e.target.value) ?? 'results') }}>
          {PARTS.map((p) => (
            <option key={p} value={p}>
              {t(`monitor.download.${p}`)}
            </option>
          ))}
        </Choice>
      </div>
      <Button className="min-h-10" disabled={busy} onClick={() => { onDownload({ format: 'csv', excel: true, part }) }}>
        {t('monitor.download.excel')}
      </Button>
      <Button className="min-h-10" disabled={busy} onClick={() => { onDownload({ format: 'csv', part }) }}>
        {t('monitor.download.csv')}
      </Button>
      <Button className="min-h-10" disabled={busy} onClick={() => { onDownload({ format: 'json', part }) }}>
        {t('monitor.download.json')}
      </Button>
    </div>
  )
}
