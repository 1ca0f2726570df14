import { createInstance, type i18n } from 'i18next'
import { initReactI18next } from 'react-i18next'
import { en } from '@/i18n/en'
import { ja } from '@/i18n/ja'

declare module 'i18next' {
  interface CustomTypeOptions {
    keySeparator: false
    nsSeparator: false
    resources: { translation: typeof en }
    returnNull: false
  }
}

export type Language = 'ja' | 'en'

const STORED = 'hinomi.language'

/** What was chosen here before, else what the browser asks for. */
export function firstLanguage(): Language {
  const chosen = storedLanguage()
  if (chosen) return chosen
  return navigator.languages.some((l) => l.startsWith('ja')) ? 'ja' : 'en'
}

export function storedLanguage(): Language | null {
  try {
    const text = localStorage.getItem(STORED)
    return text === 'ja' || text === 'en' ? text : null
  } catch {
    return null // storage is forbidden
  }
}

export function storeLanguage(language: Language): void {
  try {
    localStorage.setItem(STORED, language)
  } catch {
    // storage is forbidden: the choice lasts until the page is closed
  }
}

export function createTexts(language: Language): i18n {
  const texts = createInstance()
  void texts.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    keySeparator: false,
    nsSeparator: false,
    resources: { en: { translation: en }, ja: { translation: ja } },
    interpolation: { escapeValue: false }, // React escapes
    initAsync: false,
  })
  const follow = (l: string) => {
    document.documentElement.lang = l
  }
  follow(language)
  texts.on('languageChanged', follow)
  return texts
}
