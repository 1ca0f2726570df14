import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '@/ui/button'
import { Modal } from '@/ui/dialog'
import { FactorField, NO_FACTOR, typedProof } from '@/ui/factor-field'
import { Field, Tick } from '@/ui/field'
import { Fault } from '@/ui/layout'
import { useFaults } from '@/ui/faults'

interface Props {
  email: string
  /** The account has a second factor: it is asked for too. */
  second: boolean
  busy: boolean
  error: unknown
  onSubmit: (proof: { password: string; totp?: string; recovery_code?: string }) => void
  onClose: () => void
}

/** Says what is lost and asks for the password before everything goes. */
export function DeleteAccount({ email, second, busy, error, onSubmit, onClose }: Props) {
  const { t } = useTranslation()
  const faults = useFaults()
  const [form, setForm] = useState({ password: '', sure: false, factor: NO_FACTOR })
  return (
    <Modal title={t('settings.delete.title')} onClose={onClose}>
      <form
        className="mt-2 grid gap-4"
        onSubmit={(e) => {
          e.preventDefault()
          onSubmit({ password: form.password, ...(second ? typedProof(form.factor, 'totp') : {}) })
        }}
      >
        <p>{t('settings.delete.text')}</p>
        <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
        <Field data-first label={t('form.password')} name="password" type="password" autoComplete="current-password" required value={form.password} error={faults.field(error, 'password')} onChange={(e) => { setForm({ ...form, password: e.target.value }) }} />
        {second && <FactorField typed={form.factor} error={faults.code(error)} onChange={(factor) => { setForm({ ...form, factor }) }} />}
        <Tick label={t('settings.delete.sure')} name="sure" required checked={form.sure} onChange={(e) => { setForm({ ...form, sure: e.target.checked }) }} />
        {error && !(second && faults.code(error)) ? <Fault>{faults.whole(error)}</Fault> : null}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{t('form.cancel')}</Button>
          <Button type="submit" look="primary" disabled={busy || !form.sure}>{busy ? t('form.busy') : t('settings.delete.do')}</Button>
        </div>
      </form>
    </Modal>
  )
}
