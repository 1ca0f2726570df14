import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '@/ui/button'
import { Modal } from '@/ui/dialog'
import { Area } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'

interface Props {
  email: string
  busy: boolean
  error: unknown
  onSubmit: (reason: string) => void
  onClose: () => void
}

/** Asks why an operator wants to look at an account; the account reads it. */
export function OpenAccount({ email, busy, error, onSubmit, onClose }: Props) {
  const { t } = useTranslation()
  const faults = useFaults()
  const [reason, setReason] = useState('')
  return (
    <Modal title={t('operator.open.title', { email })} onClose={onClose}>
      <form
        className="mt-2 grid gap-4"
        onSubmit={(e) => {
          e.preventDefault()
          onSubmit(reason.trim())
        }}
      >
        <p>{t('operator.open.text')}</p>
        <Area data-first label={t('operator.open.reason')} name="reason" required maxLength={300} value={reason} error={faults.field(error, 'reason')} onChange={(e) => { setReason(e.target.value) }} />
        {error && !faults.field(error, 'reason') ? <Fault>{faults.whole(error)}</Fault> : null}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{t('form.cancel')}</Button>
          <Button type="submit" look="primary" disabled={busy || !reason.trim()}>{t(busy ? 'form.busy' : 'operator.open.do')}</Button>
        </div>
      </form>
    </Modal>
  )
}
