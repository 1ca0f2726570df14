import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { keys, queries } from '@/api/queries'
import { useAct } from '@/api/use-act'
import { TermsForm } from '@/features/operator/terms-form'
import { Fault, Part } from '@/ui/layout'
import { useFaults } from '@/ui/faults'

/** The versions of the terms, and a new one. */
export function OperatorTermsRoute() {
  const { t } = useTranslation()
  const { client } = useApi()
  const faults = useFaults()
  const terms = useQuery({ ...queries.terms(client), staleTime: 0 })
  const publish = useAct(client.publishTerms, [keys.terms, keys.service])
  return (
    <>
      <Part title={t('operator.terms')} text={t('operator.terms.text')}>
        {terms.error && !terms.data && <Fault>{faults.whole(terms.error)}</Fault>}
        {terms.data && (
          <ul className="card divide-y divide-hairline">
            {terms.data.versions.map((v) => (
              <li key={v} className="flex flex-wrap gap-x-3 px-5 py-2">
                <span className="font-semibold">{v}</span>
                <Standing version={v} current={terms.data.current} />
              </li>
            ))}
          </ul>
        )}
      </Part>
      <Part title={t('operator.terms.new')}>
        {publish.data && <p role="status" className="text-ok">{t('operator.terms.done', { version: publish.data.version })}</p>}
        {terms.data && <TermsForm key={terms.data.versions[0]} terms={terms.data} busy={publish.isPending} error={publish.error} onSubmit={publish.mutate} />}
      </Part>
    </>
  )
}

function Standing({ version, current }: { version: string; current: string }) {
  const { t } = useTranslation()
  if (version === current) return <span className="text-ok">{t('operator.terms.current')}</span>
  return <span className="text-muted">{t(version > current ? 'operator.terms.coming' : 'operator.terms.past')}</span>
}
