import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '@/ui/button'
import { Fault, Narrow } from '@/ui/layout'
import { useFaults } from '@/ui/faults'

interface Props {
  title: string
  text: string
  submit: string
  token: string | undefined
  busy: boolean
  error: unknown
  /** What stands there once it is done. */
  done: ReactNode
  onPress: (token: string) => void
}

/** A mailed link's page: a person presses, so that mail scanners that follow links spend nothing. */
export function MailedLink({ title, text, submit, token, busy, error, done, onPress }: Props) {
  const { t } = useTranslation()
  const faults = useFaults()
  if (done) return <Narrow title={title}>{done}</Narrow>
  if (!token) {
    return (
      <Narrow title={title}>
        <Fault>{t('verify.no_token')}</Fault>
      </Narrow>
    )
  }
  return (
    <Narrow title={title}>
      <p>{text}</p>
      {error ? <Fault>{faults.whole(error)}</Fault> : null}
      <Button look="primary" large disabled={busy} onClick={() => { onPress(token) }}>
        {busy ? t('form.busy') : submit}
      </Button>
    </Narrow>
  )
}
