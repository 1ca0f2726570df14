import { useTranslation } from 'react-i18next'
import type { ApiToken } from '@/domain/types'
import type { Words } from '@/i18n/words'
import { Button } from '@/ui/button'

interface Props {
  tokens: readonly ApiToken[]
  words: Words
  now: number
  onRevoke: (token: ApiToken) => void
}

export function TokenList({ tokens, words, now, onRevoke }: Props) {
  const { t } = useTranslation()
  if (!tokens.length) return <p className="card px-5 py-4">{t('settings.tokens.none')}</p>
  return (
    <ul className="card divide-y divide-hairline">
      {tokens.map((k) => (
        <li key={k.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3">
          <div className="min-w-0 flex-1 basis-60">
            <p>
              <span className="font-semibold">{k.name}</span> <code className="text-sm text-muted">{k.prefix}…</code>
            </p>
            <p className="text-sm">{k.scopes.join(', ')}</p>
            <p className="text-sm text-muted">
              {k.last_used_at ? t('settings.sessions.used', { time: words.moment(k.last_used_at, now) }) : t('settings.tokens.unused')}
              {' · '}
              <Life token={k} words={words} now={now} />
            </p>
          </div>
          <Button aria-label={`${t('settings.tokens.revoke')}: ${k.name}`} onClick={() => { onRevoke(k) }}>
            {t('settings.tokens.revoke')}
          </Button>
        </li>
      ))}
    </ul>
  )
}

function Life({ token, words, now }: { token: ApiToken; words: Words; now: number }) {
  const { t } = useTranslation()
  if (!token.expires_at) return t('settings.tokens.endless')
  const over = Date.parse(token.expires_at) <= now
  return <span className={over ? 'text-wr' : ''}>{t(over ? 'settings.tokens.over' : 'settings.tokens.until', { time: words.date(token.expires_at, now) })}</span>
}
