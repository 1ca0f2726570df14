import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { queries } from '@/api/queries'
import { Notice } from '@/ui/layout'

/** What the operator tells everybody, on every page; in the other language where there is nothing in this one. */
export function Announcement() {
  const { t, i18n } = useTranslation()
  const { client } = useApi()
  const said = useQuery(queries.service(client)).data?.announcement
  if (!said) return null
  const [language, other] = i18n.language === 'ja' ? (['ja', 'en'] as const) : (['en', 'ja'] as const)
  const shown = said[language] ? language : other
  return (
    <section aria-label={t('announcement')} className="mb-4">
      <Notice>
        <p lang={shown} className="wrap-anywhere whitespace-pre-wrap">{said[shown]}</p>
      </Notice>
    </section>
  )
}
