import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Field } from '@/ui/field'
import { Saving } from '@/ui/saving'

interface Props {
  busy: boolean
  fault: string | undefined
  onSearch: (host: string) => void
}

export function HostSearch({ busy, fault, onSearch }: Props) {
  const { t } = useTranslation()
  const [host, setHost] = useState('')
  return (
    <form
      role="search"
      className="card grid gap-4 px-5 py-4"
      onSubmit={(e) => {
        e.preventDefault()
        onSearch(host.trim())
      }}
    >
      <Field label={t('operator.claims.host')} name="search" type="search" required autoComplete="off" autoCapitalize="none" spellCheck={false} inputMode="url" value={host} error={fault} onChange={(e) => { setHost(e.target.value) }} />
      <Saving label={t('operator.claims.search')} busy={busy} done="" />
    </form>
  )
}
