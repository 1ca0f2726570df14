import { Outlet } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Fault } from '@/ui/layout'
import { Sections } from '@/ui/sections'
import { useSurroundings } from '@/ui/setting'

const SECTIONS = [
  ['/operator/accounts', 'operator.accounts'],
  ['/operator/targets', 'operator.targets'],
  ['/operator/mails', 'operator.mails'],
  ['/operator/invites', 'operator.invites'],
  ['/operator/settings', 'settings.title'],
  ['/operator/terms', 'operator.terms'],
  ['/operator/lines', 'operator.lines'],
  ['/operator/audit', 'audit.title'],
] as const

/** What stands around the operator's sections. The server refuses everybody else; this only says so. */
export function OperatorRoute() {
  const { t } = useTranslation()
  const { me } = useSurroundings()
  if (me.role !== 'operator') return <Fault>{t('error.forbidden')}</Fault>
  return (
    <Sections wide title={t('operator.title')} sections={SECTIONS.map(([to, name]) => ({ to, name: t(name) }))}>
      <Outlet />
    </Sections>
  )
}
