import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { queries } from '@/api/queries'
import type { Registration } from '@/domain/types'
import { AccountForm } from '@/features/auth/account-form'
import { Button } from '@/ui/button'
import { CodeForm } from '@/ui/code-form'
import { Narrow } from '@/ui/layout'

/** `invite` is the code of the link that somebody was invited by. */
export function SignUpRoute({ invite }: { invite: string | undefined }) {
  const { t } = useTranslation()
  const { client } = useApi()
  const terms = useQuery(queries.terms(client))
  const service = useQuery(queries.service(client))
  const register = useMutation({ mutationFn: client.register })
  const registration = service.data?.registration ?? 'open'
  if (register.isSuccess) return <Sent who={register.variables} />
  return (
    <Narrow title={t('sign_up.title')}>
      {service.data?.setup_required && <p className="text-wr">{t('sign_in.setup')}</p>}
      <p className="text-sm text-muted">{t('sign_up.facts')}</p>
      {invite && registration === 'invite' && <p>{t('sign_up.invited')}</p>}
      {registration === 'closed' && !service.data?.setup_required ? (
        <p role="status" className="font-semibold">{t('sign_up.closed')}</p>
      ) : (
        <AccountForm key={registration} termsVersion={terms.data?.version ?? ''} invite={registration === 'invite' ? (invite ?? '') : undefined} submit={t('sign_up.do')} busy={register.isPending} error={register.error} onSubmit={register.mutate} />
      )}
      <p>
        {t('sign_up.have')}{' '}
        <Link to="/sign-in" className="text-link">{t('sign_in.title')}</Link>
      </p>
    </Narrow>
  )
}

/** The mail is on its way: its code is typed here, or its link opened anywhere. */
function Sent({ who: { email, password } }: { who: Registration }) {
  const { t } = useTranslation()
  const { client, session } = useApi()
  const navigate = useNavigate()
  const [confirmed, setConfirmed] = useState(false)
  const resend = useMutation({ mutationFn: client.resendVerification })
  const verify = useMutation({
    mutationFn: async (code: string) => {
      if (!confirmed) await client.verifyAccount({ email, code })
      setConfirmed(true)
      await session.signIn({ email, password })
    },
    onSuccess: () => navigate({ to: '/' }),
  })
  return (
    <Narrow title={t('auth.sent.title')}>
      <p role="status">{t('auth.sent.text', { email })}</p>
      <CodeForm label={t('auth.code')} submit={t('verify.do')} busy={verify.isPending} error={verify.error} onSubmit={verify.mutate} />
      <div className="flex flex-wrap items-center gap-3 text-sm">
        <span className="text-muted">{t('auth.sent.nothing')}</span>
        <Button look="quiet" disabled={resend.isPending} onClick={() => { resend.mutate(email) }}>
          {t('auth.sent.again')}
        </Button>
        <span role="status" className="text-ok">{resend.isSuccess ? t('auth.sent.done') : ''}</span>
      </div>
      <Link to="/sign-in" className="text-link">{t('sign_in.title')}</Link>
    </Narrow>
  )
}
