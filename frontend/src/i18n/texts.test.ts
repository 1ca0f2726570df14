import { describe, expect, it } from 'vitest'
import { en } from '@/i18n/en'
import { ja } from '@/i18n/ja'

const english: Record<string, string> = en
const japanese: Record<string, string> = ja

/** Both have these; `_one` exists where English has `_other` too. */
const shared = Object.keys(english).filter((k) => !(k.endsWith('_one') && k.replace(/_one$/, '_other') in english))

const holes = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1]).sort()

describe('texts', () => {
  it('has the same keys in both languages', () => {
    expect(Object.keys(japanese).sort()).toEqual(shared.sort())
  })

  it('fills the same holes in both languages', () => {
    for (const key of shared) {
      const inJapanese = new Set(holes(japanese[key] ?? ''))
      const inEnglish = new Set(holes(english[key] ?? ''))
      expect([key, [...inJapanese].sort()]).toEqual([key, [...inEnglish].sort()])
    }
  })

  it('leaves nothing empty and shouts nowhere', () => {
    for (const [key, text] of [...Object.entries(english), ...Object.entries(japanese)]) {
      expect([key, text.trim().length > 0, /[!!]/.test(text)]).toEqual([key, true, false])
    }
  })

  it('writes Japanese in Japanese', () => {
    const same = shared.filter((k) => japanese[k] === english[k])
    expect(same).toEqual(['me.api', 'monitor.download.csv', 'monitor.download.json'])
  })
})
