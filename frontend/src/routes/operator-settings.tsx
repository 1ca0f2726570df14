import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { keys, queries } from '@/api/queries'
import { useAct } from '@/api/use-act'
import { SettingsForm } from '@/features/operator/settings-form'
import { Fault, Part } from '@/ui/layout'
import { useFaults } from '@/ui/faults'

export function OperatorSettingsRoute() {
  const { t } = useTranslation()
  const { client } = useApi()
  const faults = useFaults()
  const settings = useQuery(queries.operatorSettings(client))
  const save = useAct(client.changeSettings, [keys.operatorSettings, keys.service])
  return (
    <Part title={t('settings.title')} text={t('operator.settings.text')}>
      {settings.error && !settings.data && <Fault>{faults.whole(settings.error)}</Fault>}
      {settings.isPending && <p role="status">{t('loading')}</p>}
      {settings.data && <SettingsForm settings={settings.data} busy={save.isPending} saved={save.isSuccess} error={save.error} onSave={save.mutate} />}
    </Part>
  )
}
