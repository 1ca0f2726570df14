import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { queries } from '@/api/queries'
import { AccountForm } from '@/features/auth/account-form'
import { Button } from '@/ui/button'
import { Narrow } from '@/ui/layout'

export function SignUpRoute() {
  const { t } = useTranslation()
  const { client } = useApi()
  const terms = useQuery(queries.terms(client))
  const service = useQuery(queries.service(client))
  const register = useMutation({ mutationFn: client.register })
  const resend = useMutation({ mutationFn: client.resendVerification })
  if (register.data) {
    const { email } = register.data
    return (
      <Narrow title={t('sign_up.sent.title')}>
        <p role="status">{t('sign_up.sent.text', { email })}</p>
        <div className="flex items-center gap-3">
          <Button disabled={resend.isPending} onClick={() => { resend.mutate(email) }}>
            {t('sign_in.resend')}
          </Button>
          {resend.isSuccess && <span role="status" className="text-sm text-ok">{t('contacts.resent')}</span>}
        </div>
        <Link to="/sign-in" className="text-link">{t('sign_in.title')}</Link>
      </Narrow>
    )
  }
  return (
    <Narrow title={t('sign_up.title')}>
      {service.data?.setup_required && <p className="text-wr">{t('sign_in.setup')}</p>}
      <p className="text-sm text-muted">{t('sign_up.facts')}</p>
      <AccountForm termsVersion={terms.data?.version ?? ''} submit={t('sign_up.do')} busy={register.isPending} error={register.error} onSubmit={register.mutate} />
      <p>
        {t('sign_up.have')}{' '}
        <Link to="/sign-in" className="text-link">{t('sign_in.title')}</Link>
      </p>
    </Narrow>
  )
}
