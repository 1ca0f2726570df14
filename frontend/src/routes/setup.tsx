import { useMutation, useQuery } from '@tanstack/react-query'
import { useLocation, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { queries } from '@/api/queries'
import type { Registration } from '@/domain/types'
import { AccountForm } from '@/features/auth/account-form'
import { Narrow } from '@/ui/layout'

/** The first account of an installation. The code stands behind #, which browsers do not send. */
export function SetupRoute() {
  const { t } = useTranslation()
  const { client, session } = useApi()
  const navigate = useNavigate()
  const hash = useLocation({ select: (l) => l.hash })
  const terms = useQuery(queries.terms(client))
  const register = useMutation({
    mutationFn: async (r: Registration) => {
      await client.register(r)
      await session.signIn({ email: r.email, password: r.password })
    },
    onSuccess: () => navigate({ to: '/' }),
  })
  return (
    <Narrow title={t('setup.title')}>
      <p className="text-muted">{t('setup.text')}</p>
      <AccountForm
        termsVersion={terms.data?.version ?? ''}
        setupCode={new URLSearchParams(hash).get('code') ?? ''}
        submit={t('setup.do')}
        busy={register.isPending}
        error={register.error}
        onSubmit={register.mutate}
      />
    </Narrow>
  )
}
