import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useRouter } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { queries } from '@/api/queries'
import { useSignIn } from '@/api/use-sign-in'
import { SignInForm } from '@/features/auth/sign-in-form'
import { Narrow } from '@/ui/layout'

interface Props {
  next?: string
  /** The account was just deleted. */
  deleted?: boolean
}

export function SignInRoute({ next, deleted = false }: Props) {
  const { t } = useTranslation()
  const { client } = useApi()
  const router = useRouter()
  const service = useQuery(queries.service(client))
  const { submit, unverified, ...asked } = useSignIn(() => { router.history.push(next ?? '/') })
  const resend = useMutation({ mutationFn: client.resendVerification })
  return (
    <Narrow title={t('sign_in.title')}>
      <p className="text-muted">{t('brand.motto')}</p>
      {deleted && <p role="status" className="text-ok">{t('settings.delete.done')}</p>}
      {service.data?.setup_required && <p className="text-wr">{t('sign_in.setup')}</p>}
      <SignInForm {...asked} onResend={unverified ? resend.mutate : null} onSubmit={submit} />
      {resend.isSuccess && <p role="status" className="text-ok">{t('sign_in.resent')}</p>}
      <Link to="/forgot" className="text-link">{t('auth.forgot.title')}</Link>
      {service.data?.registration !== 'closed' && (
        <p>
          {t('sign_in.new')}{' '}
          <Link to="/sign-up" className="text-link">{t('sign_in.up')}</Link>
        </p>
      )}
      <Link to="/terms" className="text-sm text-link">{t('terms.title')}</Link>
    </Narrow>
  )
}
