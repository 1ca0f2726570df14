import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SharedNetwork } from '@/domain/types'
import { Area } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { Saving } from '@/ui/saving'

interface Props {
  networks: readonly SharedNetwork[]
  busy: boolean
  saved: boolean
  error: unknown
  onSave: (networks: SharedNetwork[]) => void
}

/** A line a network: its prefix, then whose it is. */
function written(networks: readonly SharedNetwork[]): string {
  return networks.map((n) => `${n.prefix} ${n.name}`).join('\n')
}

function read(text: string): SharedNetwork[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => ({ prefix: line.split(/\s+/, 1)[0] ?? '', name: line.replace(/^\S+\s*/, '') }))
}

export function NetworksForm({ networks, busy, saved, error, onSave }: Props) {
  const { t } = useTranslation()
  const faults = useFaults()
  const [text, setText] = useState(() => written(networks))
  const rows = faults.rows(error, 'items')
  return (
    <form
      className="card grid gap-4 px-5 py-4"
      onSubmit={(e) => {
        e.preventDefault()
        const list = read(text)
        setText(written(list)) // so that the faults' numbers are those of the lines
        onSave(list)
      }}
    >
      <Area label={t('operator.networks.list')} hint={t('operator.networks.hint')} name="networks" rows={8} spellCheck={false} wrap="off" placeholder="198.51.100.0/24 Example CDN" value={text} onChange={(e) => { setText(e.target.value) }} />
      {rows.map(({ row, text: fault }) => (
        <Fault key={row}>{t('operator.networks.row', { row, fault })}</Fault>
      ))}
      {error && !rows.length ? <Fault>{faults.whole(error)}</Fault> : null}
      <Saving label={t('form.save')} busy={busy} done={saved ? t('form.saved') : ''} />
    </form>
  )
}
