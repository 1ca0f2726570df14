import { useTranslation } from 'react-i18next'
import type { Invite } from '@/domain/types'
import type { Words } from '@/i18n/words'
import { Button } from '@/ui/button'

interface Props {
  invites: readonly Invite[]
  words: Words
  now: number
  busy: boolean
  onDelete: (id: number) => void
}

export function InviteList({ invites, words, now, busy, onDelete }: Props) {
  const { t } = useTranslation()
  if (!invites.length) return <p className="card px-5 py-4">{t('operator.invites.none')}</p>
  return (
    <ul className="card divide-y divide-hairline">
      {invites.map((v) => {
        const who = v.email ?? t('operator.invites.any')
        return (
          <li key={v.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3">
            <div className="min-w-0 flex-1 basis-60">
              <p className="font-semibold wrap-anywhere">{who}</p>
              <p className="text-sm text-muted">
                {t('operator.made', { time: words.moment(v.created_at, now) })}
                {' · '}
                <Fate invite={v} words={words} now={now} />
              </p>
            </div>
            <Button disabled={busy} aria-label={`${t('operator.invites.delete')}: ${who}`} onClick={() => { onDelete(v.id) }}>
              {t('operator.invites.delete')}
            </Button>
          </li>
        )
      })}
    </ul>
  )
}

function Fate({ invite: v, words, now }: { invite: Invite; words: Words; now: number }) {
  const { t } = useTranslation()
  if (v.used_at) return t('operator.invites.used', { time: words.moment(v.used_at, now) })
  if (Date.parse(v.expires_at) <= now) return t('settings.tokens.over', { time: words.moment(v.expires_at, now) })
  return <span className="text-ok">{t('settings.tokens.until', { time: words.moment(v.expires_at, now) })}</span>
}
