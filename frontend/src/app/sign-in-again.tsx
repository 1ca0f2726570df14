import { useQueryClient } from '@tanstack/react-query'
import { useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { useSignIn } from '@/api/use-sign-in'
import { SignInForm } from '@/features/auth/sign-in-form'
import { Button } from '@/ui/button'
import { Modal } from '@/ui/dialog'
import { Notice } from '@/ui/layout'

interface Props {
  email: string
  onLeave: () => void
}

/** When the session ended: signs in over the page, so that its address and half-filled forms stay. */
export function SignInAgain({ email, onLeave }: Props) {
  const { session } = useApi()
  const over = useSyncExternalStore((listener) => session.subscribe(listener), () => session.over)
  return over ? <Ended email={email} onLeave={onLeave} /> : null
}

function Ended({ email, onLeave }: Props) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [open, setOpen] = useState(true)
  const { submit, busy, error, terms, second } = useSignIn(() => cache.invalidateQueries())
  return (
    <>
      <div className="mb-4">
        <Notice>
          <span className="font-semibold">{t('auth.again.notice')}</span>
          <Button onClick={() => { setOpen(true) }}>{t('sign_in.do')}</Button>
        </Notice>
      </div>
      {open && (
        <Modal title={t('auth.again.title')} onClose={() => { setOpen(false) }}>
          <p className="mt-2 mb-4">{t('auth.again.text')}</p>
          <SignInForm email={email} busy={busy} error={error} terms={terms} second={second} onSubmit={submit} />
          <p className="mt-4">
            <Button look="quiet" onClick={onLeave}>{t('auth.again.leave')}</Button>
          </p>
        </Modal>
      )}
    </>
  )
}
