import { Link, Outlet } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

const SECTIONS = [
  ['/settings/profile', 'settings.profile'],
  ['/settings/password', 'settings.password'],
  ['/settings/totp', 'settings.totp'],
  ['/settings/sessions', 'settings.sessions'],
  ['/settings/tokens', 'settings.tokens'],
  ['/settings/data', 'settings.data'],
] as const

const ITEM = 'flex min-h-9 items-center border-b-2 border-transparent px-1 whitespace-nowrap text-link no-underline md:border-b-0 md:border-l-2 md:px-3'
const HERE = { className: 'border-link! font-semibold' }

/** What stands around the sections of one's own settings. */
export function SettingsRoute() {
  const { t } = useTranslation()
  return (
    <>
      <h1 className="text-xl font-semibold">{t('settings.title')}</h1>
      <div className="mt-2 grid gap-x-8 gap-y-4 md:mt-4 md:grid-cols-[12rem_minmax(0,1fr)]">
        <nav aria-label={t('settings.title')} className="flex flex-wrap gap-x-4 self-start border-b border-hairline md:flex-col md:border-b-0">
          {SECTIONS.map(([to, name]) => (
            <Link key={to} to={to} className={ITEM} activeProps={HERE}>
              {t(name)}
            </Link>
          ))}
        </nav>
        <div className="max-w-2xl">
          <Outlet />
        </div>
      </div>
    </>
  )
}
