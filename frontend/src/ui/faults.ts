import { useTranslation } from 'react-i18next'
import { en } from '@/i18n/en'

/** What a call can fail with, as the API's client throws it. */
interface Failure {
  code: string
  /** Of too_many: the bound that is reached. */
  quota: { name: string; limit: number } | null
  /** Seconds. */
  wait: number | null
  fields: readonly { field: string; code: string }[]
}

function isFailure(e: unknown): e is Failure {
  return e instanceof Error && 'code' in e && 'fields' in e && 'wait' in e && 'quota' in e
}

type FaultKey = Extract<keyof typeof en, `fault.${string}` | `error.${string}`>

/** Codes come from the server; not all have words of their own. */
function isKey(key: string): key is FaultKey {
  return Object.hasOwn(en, key)
}

/** What accounts may have so many of and no more. */
const BOUNDS = ['targets', 'monitors', 'contacts'] as const

/** Puts failures into words: one for the whole, one a field. */
export function useFaults() {
  const { t } = useTranslation()
  return {
    whole: (e: unknown): string | null => {
      if (!e) return null
      if (isFailure(e) && e.code === 'too_many_requests' && e.wait) {
        const minutes = Math.ceil(e.wait / 60)
        return t('error.too_many_requests.wait', { time: e.wait < 60 ? t('every.seconds', { count: e.wait }) : t('every.minutes', { count: minutes }) })
      }
      const bound = isFailure(e) && e.code === 'too_many' ? e.quota : null
      const what = BOUNDS.find((b) => b === bound?.name)
      if (bound && what) return t(`error.too_many.${what}`, { limit: bound.limit })
      const key = `error.${isFailure(e) ? e.code : 'internal'}`
      return t(isKey(key) ? key : 'error.internal')
    },
    /** A code alone, as it stands in a log; null: it has no words. */
    word: (code: string): string | null => {
      const key = `error.${code}`
      return isKey(key) ? t(key) : null
    },
    /** A code that is not right: said at its field. */
    code: (e: unknown): string | undefined => (isFailure(e) && (e.code === 'code_wrong' || e.code === 'totp_wrong') ? t(`error.${e.code}`) : undefined),
    /** Of a list's rows, counted from 1: the first fault of each. */
    rows: (e: unknown, list: string): { row: number; text: string }[] => {
      const found = new Map<number, string>()
      for (const f of isFailure(e) ? e.fields : []) {
        const [, row, name = ''] = new RegExp(`^${list}\\[(\\d+)\\]\\.?(\\w*)$`).exec(f.field) ?? []
        const key = [`fault.${name}.${f.code}`, `fault.${name}`, `fault.${f.code}`].find(isKey) ?? 'fault.any'
        if (row !== undefined && !found.has(Number(row) + 1)) found.set(Number(row) + 1, t(key))
      }
      return [...found].map(([row, text]) => ({ row, text }))
    },
    field: (e: unknown, name: string): string | undefined => {
      const fault = isFailure(e) ? e.fields.find((f) => f.field === name) : undefined
      if (!fault) return undefined
      return t([`fault.${fault.field}.${fault.code}`, `fault.${fault.code}`, `fault.${fault.field}`].find(isKey) ?? 'fault.any')
    },
  }
}
