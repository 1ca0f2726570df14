import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '@/ui/button'
import { Choice, Field } from '@/ui/field'

/** What is looked for among the accounts. */
export interface AccountFilter {
  q?: string
  role?: 'user' | 'operator'
  disabled?: 0 | 1
}

interface Props {
  filter: AccountFilter
  onSearch: (filter: AccountFilter) => void
}

const KINDS = ['all', 'operator', 'disabled'] as const
type Kind = (typeof KINDS)[number]

const kindOf = (f: AccountFilter): Kind => (f.role === 'operator' ? 'operator' : f.disabled === 1 ? 'disabled' : 'all')

export function AccountSearch({ filter, onSearch }: Props) {
  const { t } = useTranslation()
  const [text, setText] = useState(filter.q ?? '')
  const search = (kind: Kind) => {
    const q = text.trim()
    onSearch({ ...(q ? { q } : {}), ...(kind === 'operator' ? { role: 'operator' } : kind === 'disabled' ? { disabled: 1 } : {}) })
  }
  return (
    <form
      role="search"
      className="card grid items-end gap-4 px-5 py-4 sm:grid-cols-[minmax(0,1fr)_12rem_auto]"
      onSubmit={(e) => {
        e.preventDefault()
        search(kindOf(filter))
      }}
    >
      <Field label={t('operator.accounts.search')} name="q" type="search" autoComplete="off" autoCapitalize="none" spellCheck={false} maxLength={254} value={text} onChange={(e) => { setText(e.target.value) }} />
      <Choice label={t('operator.accounts.kind')} name="kind" value={kindOf(filter)} onChange={(e) => { search(KINDS.find((k) => k === e.target.value) ?? 'all') }}>
        {KINDS.map((k) => (
          <option key={k} value={k}>{t(`operator.accounts.kind.${k}`)}</option>
        ))}
      </Choice>
      <div>
        <Button type="submit" look="primary" large>{t('operator.claims.search')}</Button>
      </div>
    </form>
  )
}
