import { useTranslation } from 'react-i18next'
import { storeLanguage, type Language } from '@/i18n/i18n'

const NAMES: Record<Language, string> = { ja: '日本語', en: 'EN' }

export function LanguageSwitch() {
  const { t, i18n } = useTranslation()
  const choose = (l: Language) => {
    storeLanguage(l)
    void i18n.changeLanguage(l)
  }
  return (
    <div role="group" aria-label={t('language.name')} className="flex items-center text-sm">
      {(['ja', 'en'] as const).map((l) => (
        <button
          key={l}
          type="button"
          lang={l}
          aria-pressed={i18n.language === l}
          className={`min-h-8 min-w-8 px-1.5 ${i18n.language === l ? 'font-semibold text-ink underline underline-offset-4' : 'text-link'}`}
          onClick={() => { choose(l) }}
        >
          {NAMES[l]}
        </button>
      ))}
    </div>
  )
}
