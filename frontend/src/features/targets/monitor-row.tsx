import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { burns, monitorMark, protocolName, type Monitor } from '@/domain/types'
import { milliseconds, type Words } from '@/i18n/words'
import { Mark } from '@/ui/mark'

interface Props {
  monitor: Monitor
  words: Words
  now: number
  action?: ReactNode
  children?: ReactNode
}

/** One service on one line: mark, name, what was found, since when. */
export function MonitorRow({ monitor: m, words, now, action, children }: Props) {
  const { t } = useTranslation()
  const burning = burns(m)
  return (
    <li className="border-t border-hairline px-4 py-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Mark name={monitorMark(m)} burning={burning} {...(m.status === null && m.state === 'active' ? { label: t('mark.none') } : {})} />
        <Link to="/monitors/$id" params={{ id: m.id }} className="min-w-24 font-semibold text-link">
          {protocolName(m.service, m.port)}
        </Link>
        <span className={`min-w-0 flex-1 basis-40 ${burning ? 'text-fire' : ''}`}>
          <Found monitor={m} words={words} />
        </span>
        <span className="hidden text-sm text-muted sm:inline">{m.checked_at ? words.moment(m.checked_at, now, true) : ''}</span>
        {action}
      </div>
      {children}
    </li>
  )
}

function Found({ monitor: m, words }: { monitor: Monitor; words: Words }) {
  const { t } = useTranslation()
  if (m.state === 'paused') return <>{t('mark.paused')}</>
  if (m.state === 'stopped') return <>{[t('mark.stopped'), m.reason && words.reason(m.reason)].filter(Boolean).join(' · ')}</>
  if (!m.status || !m.reason) return <span className="text-muted">{t('mark.none')}</span>
  const line = m.line && m.status !== 'ok' ? words.seenOn([m.line]) : null
  const failing = line ? ` · ${line}` : ''
  return (
    <>
      {words.reason(m.reason)}
      {failing}
      {m.status === 'ok' && m.rtt_us !== null && <span className="ml-2 text-muted">{milliseconds(m.rtt_us)}</span>}
    </>
  )
}
