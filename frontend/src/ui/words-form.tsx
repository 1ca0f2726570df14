import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '@/ui/button'
import { Area, Field } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'

interface Props {
  title: string
  label: string
  notes: string
  busy: boolean
  saved: boolean
  error: unknown
  onSave: (words: { label: string; notes: string }) => void
}

/** Label and notes, folded away until wanted. */
export function WordsForm({ title, label, notes, busy, saved, error, onSave }: Props) {
  const { t } = useTranslation()
  const faults = useFaults()
  const [draft, setDraft] = useState({ label, notes })
  return (
    <details className="card px-5 py-3">
      <summary className="font-semibold">{title}</summary>
      <form
        className="mt-3 grid gap-4"
        onSubmit={(e) => {
          e.preventDefault()
          onSave(draft)
        }}
      >
        <Field label={t('add.label')} name="label" maxLength={100} value={draft.label} error={faults.field(error, 'label')} onChange={(e) => { setDraft({ ...draft, label: e.target.value }) }} />
        <Area label={t('target.notes')} name="notes" maxLength={2000} value={draft.notes} error={faults.field(error, 'notes')} onChange={(e) => { setDraft({ ...draft, notes: e.target.value }) }} />
        {error ? <Fault>{faults.whole(error)}</Fault> : null}
        <div className="flex items-center gap-3">
          <Button type="submit" look="primary" disabled={busy}>
            {t('form.save')}
          </Button>
          <span role="status" className="text-sm text-ok">
            {saved ? t('form.saved') : ''}
          </span>
        </div>
      </form>
    </details>
  )
}
