import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { MailedLink } from '@/features/auth/mailed-link'
import { buttonClass } from '@/ui/button'

interface Props {
  what: 'verify' | 'verify_contact'
  token: string | undefined
}

/** The link that confirms an account's or a contact's address. */
export function VerifyRoute({ what, token }: Props) {
  const { t } = useTranslation()
  const { client } = useApi()
  const verify = useMutation({ mutationFn: (given: string) => (what === 'verify' ? client.verifyAccount({ token: given }) : client.verifyContact(given)) })
  return (
    <MailedLink
      title={t(`${what}.title`)}
      text={t(`${what}.text`)}
      submit={t(`${what}.do`)}
      token={token}
      busy={verify.isPending}
      error={verify.error}
      onPress={verify.mutate}
      done={
        verify.data && (
          <>
            <p role="status" className="text-ok">{t(`${what}.done`, { email: verify.data.email })}</p>
            <Link to="/" className={buttonClass('plain', true)}>{t(what === 'verify' ? 'sign_in.do' : 'not_found.home')}</Link>
          </>
        )
      }
    />
  )
}
