import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Announcement } from '@/app/announcement'
import { LanguageSwitch } from '@/ui/language-switch'

interface Props {
  /** Beside the language switch. */
  aside?: ReactNode
  nav?: ReactNode
  children: ReactNode
}

/** What every page stands in: name, language, content. */
export function Frame({ aside, nav, children }: Props) {
  const { t } = useTranslation()
  return (
    <div className="mx-auto flex min-h-dvh max-w-5xl flex-col px-4 md:px-6">
      <a href="#content" className="sr-only focus:not-sr-only focus:absolute focus:m-2 focus:bg-card focus:p-2">
        {t('skip')}
      </a>
      <header className="flex flex-wrap items-center gap-x-5 gap-y-1 py-3">
        <Link to="/" className="flex items-baseline gap-2 text-ink no-underline">
          <span className="text-xl font-bold tracking-wide">火の見</span>
          <span className="text-muted">Hinomi</span>
        </Link>
        {nav}
        <div className="ml-auto flex flex-wrap items-center gap-x-4">
          {aside}
          <LanguageSwitch />
        </div>
      </header>
      <main id="content" tabIndex={-1} className="flex-1 pb-28 outline-none md:pb-12">
        <Announcement />
        {children}
      </main>
    </div>
  )
}
