/** Moments, lengths and lines in words. Used by components through useWords. */
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Line, Reason } from '@/domain/types'
import { calendar } from '@/lib/zone'

/** What wording depends on; the shell provides it. */
export interface Setting {
  zone: string
  lines: readonly Line[]
  timeoutSeconds: number
}

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400

const WEEKDAY_JA = ['日', '月', '火', '水', '木', '金', '土'] as const

const two = (n: number) => String(n).padStart(2, '0')

function clock(at: number, zone: string, language: string, seconds = false): string {
  const c = calendar(at, zone)
  const hour = language === 'ja' ? String(c.hour) : two(c.hour)
  return `${hour}:${two(c.minute)}${seconds ? `:${two(c.second)}` : ''}`
}

/** 11/22(日) or 22 Nov */
export function dayWords(at: number, zone: string, language: string): string {
  const c = calendar(at, zone)
  const date = new Date(Date.UTC(c.year, c.month - 1, c.day))
  if (language === 'ja') return `${c.month}/${c.day}(${WEEKDAY_JA[date.getUTCDay()] ?? ''})`
  return `${c.day} ${new Intl.DateTimeFormat('en-GB', { month: 'short', timeZone: 'UTC' }).format(date)}`
}

/** 11.2 ms; in ja with a space too, as on instruments. */
export function milliseconds(us: number): string {
  const ms = us / 1000
  return `${ms < 10 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : ms.toFixed(0)} ms`
}

export function percent(n: number): string {
  // What comes is truncated to two decimals already.
  return `${n === 100 ? '100' : n.toFixed(2)} %`
}

export function useWords({ zone, lines, timeoutSeconds }: Setting) {
  const { t, i18n } = useTranslation()
  const language = i18n.language
  return useMemo(() => {
    const sameDay = (a: number, b: number) => dayWords(a, zone, language) === dayWords(b, zone, language) && Math.abs(a - b) < DAY * 1000
    const lineLabel = (name: string) => {
      const label = lines.find((l) => l.name === name)?.label ?? name
      // A label may bring the word itself: 回線A, Line A.
      const bare = label.replace(/^(回線|line\s*)/i, '').trim() || label
      return /^[a-z]$/.test(bare) ? bare.toUpperCase() : bare
    }
    return {
      /** The time, with its day unless that is today. */
      moment: (iso: string | number, now: number, seconds = false) => {
        const at = typeof iso === 'number' ? iso : Date.parse(iso)
        const time = clock(at, zone, language, seconds)
        return sameDay(at, now) ? time : `${dayWords(at, zone, language)} ${time}`
      },
      /** The day, with its year where that is another than now. */
      date: (iso: string, now: number) => {
        const at = Date.parse(iso)
        if (calendar(at, zone).year === calendar(now, zone).year) return dayWords(at, zone, language)
        return new Intl.DateTimeFormat(language === 'ja' ? 'ja-JP' : 'en-GB', { dateStyle: 'medium', timeZone: zone }).format(at)
      },
      /** Always with its day. */
      full: (at: number) => `${dayWords(at, zone, language)} ${clock(at, zone, language, true)}`,
      day: (at: number) => dayWords(at, zone, language),
      /** A length in its largest fitting unit. */
      length: (seconds: number) => {
        const s = Math.max(0, Math.floor(seconds))
        if (s < 2 * MINUTE) return t('every.seconds', { count: s })
        if (s < 2 * HOUR) return t('every.minutes', { count: Math.floor(s / MINUTE) })
        if (s < 2 * DAY) return t('every.hours', { count: Math.floor(s / HOUR) })
        return t('every.days', { count: Math.floor(s / DAY) })
      },
      /** An interval, exactly where it can be. */
      every: (seconds: number) =>
        seconds >= MINUTE && seconds % MINUTE === 0 ? t('every.minutes', { count: seconds / MINUTE }) : t('every.seconds', { count: Math.round(seconds * 10) / 10 }),
      reason: (reason: Reason) => (reason === 'timeout' ? t('reason.timeout', { n: timeoutSeconds }) : t(`reason.${reason}`)),
      lineLabel,
      line: (name: string) => t('lines.name', { line: lineLabel(name) }),
      /** null where there is one line only: then lines are not spoken of. */
      seenOn: (names: readonly string[]): string | null => {
        if (lines.length < 2 || names.length === 0) return null
        if (names.length >= lines.length) return names.length === 2 ? t('lines.both') : t('lines.all')
        return names.map((n) => t('lines.only', { line: lineLabel(n) })).join(language === 'ja' ? '・' : ', ')
      },
    }
  }, [t, language, zone, lines, timeoutSeconds])
}

export type Words = ReturnType<typeof useWords>
