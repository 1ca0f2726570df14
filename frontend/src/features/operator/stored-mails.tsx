import { useTranslation } from 'react-i18next'
import type { StoredMail } from '@/domain/types'
import type { Words } from '@/i18n/words'

interface Props {
  mails: readonly StoredMail[]
  words: Words
  now: number
}

/** Mails that were written to files because there is no mail server, with what they say. */
export function StoredMails({ mails, words, now }: Props) {
  const { t } = useTranslation()
  if (!mails.length) return <p className="card px-5 py-4">{t('mails.none')}</p>
  return (
    <ul className="grid gap-2">
      {mails.map((m) => (
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
