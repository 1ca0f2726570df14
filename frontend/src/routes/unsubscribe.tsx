import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { MailedLink } from '@/features/auth/mailed-link'

/** The link at the end of a mail, for whoever reads it: an account is not needed. */
export function UnsubscribeRoute({ token }: { token: string | undefined }) {
  const { t } = useTranslation()
  const { client } = useApi()
  const stop = useMutation({ mutationFn: client.unsubscribe })
  return (
    <MailedLink
      title={t('unsubscribe.title')}
      text={t('unsubscribe.text')}
      submit={t('unsubscribe.do')}
      token={token}
      busy={stop.isPending}
      error={stop.error}
      onPress={stop.mutate}
      done={stop.isSuccess && <p role="status" className="text-ok">{t('unsubscribe.done')}</p>}
    />
  )
}
