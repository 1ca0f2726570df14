import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { digits } from '@/lib/digits'
import { Button } from '@/ui/button'
import { Field } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'

interface Props {
  busy: boolean
  error: unknown
  onSubmit: (port: number) => void
}

/** Any TCP port, besides those that have names. */
export function PortForm({ busy, error, onSubmit }: Props) {
  const { t } = useTranslation()
  const faults = useFaults()
  const [port, setPort] = useState('')
  return (
    <form
      className="grid max-w-md gap-2"
      onSubmit={(e) => {
        e.preventDefault()
        onSubmit(Number(digits(port)))
      }}
    >
      <Field label={t('target.tcp')} hint={t('target.tcp.hint')} name="port" inputMode="numeric" autoComplete="off" required maxLength={5} placeholder="8443" value={port} error={faults.field(error, 'port')} onChange={(e) => { setPort(e.target.value) }} />
      {error && !faults.field(error, 'port') ? <Fault>{faults.whole(error)}</Fault> : null}
      <div>
        <Button type="submit" disabled={busy || !digits(port)}>{t('target.tcp.do')}</Button>
      </div>
    </form>
  )
}
