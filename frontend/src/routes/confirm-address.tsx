import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { MailedLink } from '@/features/auth/mailed-link'
import { buttonClass } from '@/ui/button'

/** The link that confirms a new sign-in address. */
export function ConfirmAddressRoute({ token }: { token: string | undefined }) {
  const { t } = useTranslation()
  const { client } = useApi()
  const confirm = useMutation({ mutationFn: client.confirmEmail })
  return (
    <MailedLink
      title={t('auth.address.title')}
      text={t('auth.address.text')}
      submit={t('auth.address.do')}
      token={token}
      busy={confirm.isPending}
      error={confirm.error}
      onPress={confirm.mutate}
      done={
        confirm.isSuccess && (
          <>
            <p role="status" className="text-ok">{t('auth.address.done')}</p>
            <Link to="/" className={buttonClass('plain', true)}>{t('not_found.home')}</Link>
          </>
        )
      }
    />
  )
}
