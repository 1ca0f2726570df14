import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { ForgotForm } from '@/features/auth/forgot-form'
import { NewPasswordForm } from '@/features/auth/new-password-form'
import { Button, buttonClass } from '@/ui/button'
import { Fault, Narrow } from '@/ui/layout'

/** Asks for a mail, then for its code and a new password. Whether the address has an account is not told. */
export function ForgotRoute() {
  const { t } = useTranslation()
  const { client } = useApi()
  const [email, setEmail] = useState('')
  const ask = useMutation({ mutationFn: client.forgotPassword, onSuccess: (_, asked) => { setEmail(asked) } })
  const reset = useMutation({ mutationFn: client.resetPassword })
  if (reset.isSuccess) return <Changed />
  if (!ask.isSuccess) {
    return (
      <Narrow title={t('auth.forgot.title')}>
        <p>{t('auth.forgot.text')}</p>
        <ForgotForm email={email} busy={ask.isPending} error={ask.error} onSubmit={ask.mutate} />
        <Link to="/sign-in" className="text-link">{t('sign_in.title')}</Link>
      </Narrow>
    )
  }
  return (
    <Narrow title={t('auth.forgot.sent.title')}>
      <p role="status">{t('auth.forgot.sent.text', { email })}</p>
      <NewPasswordForm byCode busy={reset.isPending} error={reset.error} onSubmit={(new_password, code) => { reset.mutate({ email, code, new_password }) }} />
      <div>
        <Button look="quiet" onClick={() => { ask.reset() }}>{t('auth.forgot.again')}</Button>
      </div>
    </Narrow>
  )
}

/** The link of that mail. */
export function ResetRoute({ token }: { token: string | undefined }) {
  const { t } = useTranslation()
  const { client } = useApi()
  const reset = useMutation({ mutationFn: client.resetPassword })
  if (reset.isSuccess) return <Changed />
  return (
    <Narrow title={t('auth.reset.title')}>
      {token ? (
        <>
          <p>{t('auth.reset.text')}</p>
          <NewPasswordForm byCode={false} busy={reset.isPending} error={reset.error} onSubmit={(new_password) => { reset.mutate({ token, new_password }) }} />
        </>
      ) : (
        <Fault>{t('verify.no_token')}</Fault>
      )}
      <Link to="/forgot" className="text-link">{t('auth.forgot.again')}</Link>
    </Narrow>
  )
}

function Changed() {
  const { t } = useTranslation()
  return (
    <Narrow title={t('auth.reset.title')}>
      <p role="status" className="text-ok">{t('auth.reset.done')}</p>
      <Link to="/sign-in" className={buttonClass('primary', true)}>{t('sign_in.do')}</Link>
    </Narrow>
  )
}
