import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { NewTerms, Terms } from '@/domain/types'
import { Area, Field, Tick } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { Saving } from '@/ui/saving'

interface Props {
  terms: Terms
  busy: boolean
  error: unknown
  onSubmit: (n: NewTerms) => void
}

/** A new version of the terms, beginning from the one that is in force. */
export function TermsForm({ terms, busy, error, onSubmit }: Props) {
  const { t } = useTranslation()
  const faults = useFaults()
  const [form, setForm] = useState({ version: '', ja: terms.ja, en: terms.en, sure: false })
  const set = (change: Partial<typeof form>) => { setForm({ ...form, ...change }) }
  return (
    <form
      className="card grid gap-4 px-5 py-4"
      onSubmit={(e) => {
        e.preventDefault()
        onSubmit({ version: form.version, ja: form.ja, en: form.en })
      }}
    >
      <Field label={t('operator.terms.day')} hint={t('operator.terms.day.hint')} name="version" type="date" required value={form.version} error={faults.field(error, 'version')} onChange={(e) => { set({ version: e.target.value }) }} />
      <Area label={t('operator.terms.ja')} hint={t('operator.terms.form')} name="ja" lang="ja" rows={12} required maxLength={15_000} value={form.ja} error={faults.field(error, 'ja')} onChange={(e) => { set({ ja: e.target.value }) }} />
      <Area label={t('operator.terms.en')} name="en" lang="en" rows={12} required maxLength={15_000} value={form.en} error={faults.field(error, 'en')} onChange={(e) => { set({ en: e.target.value }) }} />
      <Tick label={t('operator.terms.sure')} name="sure" required checked={form.sure} onChange={(e) => { set({ sure: e.target.checked }) }} />
      {error ? <Fault>{faults.whole(error)}</Fault> : null}
      <Saving label={t('operator.terms.do')} busy={busy} done="" disabled={!form.sure} />
    </form>
  )
}
