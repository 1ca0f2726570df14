import { Outlet } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Sections } from '@/ui/sections'

const SECTIONS = [
  ['/settings/profile', 'settings.profile'],
  ['/settings/password', 'settings.password'],
  ['/settings/totp', 'settings.totp'],
  ['/settings/sessions', 'settings.sessions'],
  ['/settings/tokens', 'settings.tokens'],
  ['/settings/audit', 'audit.title'],
  ['/settings/data', 'settings.data'],
] as const

/** What stands around the sections of one's own settings. */
export function SettingsRoute() {
  const { t } = useTranslation()
  return (
    <Sections title={t('settings.title')} sections={SECTIONS.map(([to, name]) => ({ to, name: t(name) }))}>
      <Outlet />
    </Sections>
  )
}
