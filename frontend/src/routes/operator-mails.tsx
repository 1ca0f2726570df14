import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { queries } from '@/api/queries'
import { Fault, Part } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { useNow } from '@/ui/use-now'
import { useSurroundings } from '@/ui/setting'

/** Mails that were stored because there is no mail server; operators only. */
export function OperatorMailsRoute() {
  const { t } = useTranslation()
  const { client } = useApi()
  const { service, words } = useSurroundings()
  const faults = useFaults()
  const now = useNow()
  const mails = useQuery(queries.mails(client))
  return (
    <Part title={t('mails.title')} text={t(service.mail_mode === 'stored' ? 'mails.text' : 'mails.sent')}>
      {mails.error && !mails.data && <Fault>{faults.whole(mails.error)}</Fault>}
      {mails.data?.items.length === 0 && <p className="card px-5 py-4">{t('mails.none')}</p>}
      <ul className="grid gap-2">
        {mails.data?.items.map((m) => (
          <li key={m.id}>
            <details className="card px-5 py-3">
              <summary>
                <span className="font-semibold">{m.subject}</span>{' '}
                <span className="text-sm text-muted">
                  {words.moment(m.date, now)} {t('mails.to', { to: m.to })}
                </span>
              </summary>
              <p className="mt-3 whitespace-pre-wrap">
                <Linked text={m.body} />
              </p>
            </details>
          </li>
        ))}
      </ul>
    </Part>
  )
}

/** Text whose links to this very server can be followed. */
function Linked({ text }: { text: string }) {
  return text.split(/(https?:\/\/\S+)/).map((part, i) =>
    part.startsWith(`${window.location.origin}/`) ? (
      <a key={i} href={part} className="text-link">
        {part}
      </a>
    ) : (
      part
    ),
  )
}
