import { useTranslation } from 'react-i18next'

/** What a call can fail with, as the API's client throws it. */
interface Failure {
  code: string
  fields: readonly { field: string; code: string }[]
}

function isFailure(e: unknown): e is Failure {
  return e instanceof Error && 'code' in e && 'fields' in e
}

/** Puts failures into words: one for the whole, one a field. */
export function useFaults() {
  const { t, i18n } = useTranslation()
  // Keys are made from codes that the server chose; `exists` guards them.
  const known = (key: string) => i18n.exists(key)
  const say = (key: string) => i18n.t(key)
  return {
    whole: (e: unknown): string | null => {
      if (!e) return null
      const key = `error.${isFailure(e) ? e.code : 'internal'}`
      return known(key) ? say(key) : t('error.internal')
    },
    field: (e: unknown, name: string): string | undefined => {
      if (!isFailure(e)) return undefined
      const fault = e.fields.find((f) => f.field === name)
      if (!fault) return undefined
      return [`fault.${fault.code}`, `fault.${fault.field}`].filter(known).map(say)[0] ?? t('fault.any')
    },
  }
}
