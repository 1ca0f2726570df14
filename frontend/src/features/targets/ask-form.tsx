import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Area } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { Saving } from '@/ui/saving'

interface Props {
  host: string
  busy: boolean
  error: unknown
  asked: boolean
  onSubmit: (note: string) => void
}

/** Asks the operator to allow a host that its country keeps out. */
export function AskForm({ host, busy, error, asked, onSubmit }: Props) {
  const { t } = useTranslation()
  const faults = useFaults()
  const [note, setNote] = useState('')
  if (asked) return <p role="status" className="text-ok">{t('ask.done', { host })}</p>
  return (
    <form
      className="grid gap-4"
      onSubmit={(e) => {
        e.preventDefault()
        onSubmit(note.trim())
      }}
    >
      <div>
        <h2 className="font-semibold break-all">{t('ask.title', { host })}</h2>
        <p className="text-muted">{t('ask.text')}</p>
      </div>
      <Area label={t('ask.note')} name="note" maxLength={500} value={note} error={faults.field(error, 'note')} onChange={(e) => { setNote(e.target.value) }} />
      {error ? <Fault>{faults.field(error, 'host') ?? faults.whole(error)}</Fault> : null}
      <Saving label={t('ask.do')} busy={busy} done="" />
    </form>
  )
}
