import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AllowedHost } from '@/domain/types'
import type { Words } from '@/i18n/words'
import { Button } from '@/ui/button'
import { Field } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { Saving } from '@/ui/saving'

interface ListProps {
  hosts: readonly AllowedHost[]
  words: Words
  now: number
  busy: boolean
  onDelete: (id: number) => void
}

export function AllowedHosts({ hosts, words, now, busy, onDelete }: ListProps) {
  const { t } = useTranslation()
  if (!hosts.length) return <p className="card px-5 py-4">{t('operator.allowed.none')}</p>
  return (
    <ul className="card divide-y divide-hairline">
      {hosts.map((h) => (
        <li key={h.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3">
          <p className="min-w-0 flex-1 basis-60">
            <span className="font-semibold wrap-anywhere">{h.host_display}</span>{' '}
            <span className="text-sm text-muted">{words.moment(h.created_at, now)}</span>
          </p>
          <Button disabled={busy} aria-label={`${t('operator.allowed.delete')}: ${h.host_display}`} onClick={() => { onDelete(h.id) }}>
            {t('operator.allowed.delete')}
          </Button>
        </li>
      ))}
    </ul>
  )
}

interface FormProps {
  busy: boolean
  error: unknown
  onSubmit: (host: string) => void
}

export function AllowForm({ busy, error, onSubmit }: FormProps) {
  const { t } = useTranslation()
  const faults = useFaults()
  const [host, setHost] = useState('')
  return (
    <form
      className="card grid gap-4 px-5 py-4"
      onSubmit={(e) => {
        e.preventDefault()
        onSubmit(host.trim())
      }}
    >
      <Field label={t('add.host')} hint={t('add.host.hint')} name="host" required autoComplete="off" autoCapitalize="none" spellCheck={false} inputMode="url" value={host} error={faults.field(error, 'host')} onChange={(e) => { setHost(e.target.value) }} />
      {error && !faults.field(error, 'host') ? <Fault>{faults.whole(error)}</Fault> : null}
      <Saving label={t('operator.allowed.do')} busy={busy} done="" />
    </form>
  )
}
