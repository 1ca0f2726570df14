import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { Button, buttonClass } from '@/ui/button'
import { Fault, Narrow } from '@/ui/layout'
import { useFaults } from '@/ui/faults'

interface Props {
  what: 'verify' | 'verify_contact'
  token: string | undefined
}

/** A mailed link's page: a person presses, so that mail scanners that follow links spend nothing. */
export function VerifyRoute({ what, token }: Props) {
  const { t } = useTranslation()
  const faults = useFaults()
  const { client } = useApi()
  const verify = useMutation({ mutationFn: what === 'verify' ? client.verifyAccount : client.verifyContact })
  if (verify.data) {
    return (
      <Narrow title={t(`${what}.title`)}>
        <p role="status" className="text-ok">{t(`${what}.done`, { email: verify.data.email })}</p>
        <Link to="/" className={buttonClass('plain', true)}>{t(what === 'verify' ? 'sign_in.do' : 'not_found.home')}</Link>
      </Narrow>
    )
  }
  return (
    <Narrow title={t(`${what}.title`)}>
      {token ? (
        <>
          <p>{t(`${what}.text`)}</p>
          {verify.error && <Fault>{faults.whole(verify.error)}</Fault>}
          <Button look="primary" large disabled={verify.isPending} onClick={() => { verify.mutate(token) }}>
            {t(`${what}.do`)}
          </Button>
        </>
      ) : (
        <Fault>{t('verify.no_token')}</Fault>
      )}
    </Narrow>
  )
}
