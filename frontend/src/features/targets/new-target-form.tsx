import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { PROTOCOLS, protocolName, type NewTarget, type Protocol } from '@/domain/types'
import { portNumbers } from '@/lib/digits'
import { Button } from '@/ui/button'
import { Field, Tick } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'

interface Props {
  /** Any TCP port may be watched at once, without showing that the host is one's own. */
  anyPort: boolean
  busy: boolean
  error: unknown
  onSubmit: (t: NewTarget) => void
}

export function NewTargetForm({ anyPort, busy, error, onSubmit }: Props) {
  const { t } = useTranslation()
  const faults = useFaults()
  const [host, setHost] = useState('')
  const [label, setLabel] = useState('')
  const [services, setServices] = useState<readonly Protocol[]>(['ping', 'http'])
  const [ports, setPorts] = useState('')
  const [owned, setOwned] = useState(false)
  const toggle = (p: Protocol, on: boolean) => {
    setServices(PROTOCOLS.filter((x) => (x === p ? on : services.includes(x))))
  }
  return (
    <form
      className="grid gap-5"
      onSubmit={(e) => {
        e.preventDefault()
        onSubmit({ host: host.trim(), label: label.trim(), services: [...services, ...portNumbers(ports).map((n) => `tcp:${n}`)], owned })
      }}
    >
      <Field label={t('add.host')} hint={t('add.host.hint')} name="host" required autoComplete="off" autoCapitalize="none" spellCheck={false} inputMode="url" value={host} error={faults.field(error, 'host')} onChange={(e) => { setHost(e.target.value) }} />
      <fieldset>
        <legend className="font-semibold">{t('add.services')}</legend>
        <div className="mt-1 grid gap-x-4 sm:grid-cols-2">
          {PROTOCOLS.map((p) => (
            <Tick key={p} name={p} label={protocolName(p)} hint={p === 'dns' ? t('add.dns.hint') : undefined} checked={services.includes(p)} onChange={(e) => { toggle(p, e.target.checked) }} />
          ))}
        </div>
        {anyPort && (
          <div className="mt-2">
            <Field label={t('add.tcp')} hint={t('add.tcp.hint')} name="tcp" inputMode="numeric" autoComplete="off" maxLength={100} value={ports} onChange={(e) => { setPorts(e.target.value) }} />
          </div>
        )}
        {faults.field(error, 'services') && <Fault>{faults.field(error, 'services')}</Fault>}
      </fieldset>
      <Field label={t('add.label')} hint={t('add.label.hint')} name="label" maxLength={100} value={label} error={faults.field(error, 'label')} onChange={(e) => { setLabel(e.target.value) }} />
      <Tick label={t('add.owned')} name="owned" required checked={owned} error={faults.field(error, 'owned')} onChange={(e) => { setOwned(e.target.checked) }} />
      {error ? <Fault>{faults.whole(error)}</Fault> : null}
      <div>
        <Button type="submit" look="primary" large disabled={busy || (services.length === 0 && !portNumbers(ports).length)}>
          {busy ? t('add.saving') : t('add.save')}
        </Button>
      </div>
    </form>
  )
}
