import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { queries } from '@/api/queries'
import { Prose } from '@/ui/prose'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'

export function TermsRoute() {
  const { t, i18n } = useTranslation()
  const faults = useFaults()
  const { client } = useApi()
  const terms = useQuery(queries.terms(client))
  return (
    <article className="card mx-auto max-w-2xl px-6 py-6">
      <h1 className="text-xl font-semibold">{t('terms.title')}</h1>
      {terms.error && <Fault>{faults.whole(terms.error)}</Fault>}
      {terms.data && (
        <>
          <p className="text-sm text-muted">{t('terms.version', { version: terms.data.version })}</p>
          <Prose text={i18n.language === 'ja' ? terms.data.ja : terms.data.en} />
        </>
      )}
    </article>
  )
}
