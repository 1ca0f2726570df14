import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { keys, queries } from '@/api/queries'
import type { Totp } from '@/domain/types'
import { ProofForm, RecoveryCodes, StartFactor, type Proof } from '@/features/settings/second-factor'
import { Button } from '@/ui/button'
import { CodeForm } from '@/ui/code-form'
import { CopyText } from '@/ui/copy-text'
import { Fault, Part } from '@/ui/layout'
import { Qr } from '@/ui/qr'
import { useFaults } from '@/ui/faults'
import { useNow } from '@/ui/use-now'
import { useSurroundings } from '@/ui/setting'

export function TotpRoute() {
  const { t } = useTranslation()
  const { client } = useApi()
  const faults = useFaults()
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const totp = useQuery(queries.totp(client))
  return (
    <Part title={t('settings.totp')} text={t('settings.totp.text')}>
      {totp.isPending && <p role="status">{t('loading')}</p>}
      {totp.error && !totp.data && <Fault>{faults.whole(totp.error)}</Fault>}
      {codes ? <RecoveryCodes codes={codes} onDone={() => { setCodes(null) }} /> : totp.data && (totp.data.enabled ? <On totp={totp.data} onCodes={setCodes} /> : <Off onCodes={setCodes} />)}
    </Part>
  )
}

interface CodesProps {
  onCodes: (codes: readonly string[]) => void
}

/** Password, then the secret and a first code that shows that it arrived. */
function Off({ onCodes }: CodesProps) {
  const { t } = useTranslation()
  const { client } = useApi()
  const { me } = useSurroundings()
  const cache = useQueryClient()
  const start = useMutation({ mutationFn: client.startTotp, gcTime: 0 })
  const enable = useMutation({
    mutationFn: client.enableTotp,
    onSuccess: async ({ recovery_codes }) => {
      onCodes(recovery_codes)
      await Promise.all([cache.invalidateQueries({ queryKey: keys.totp }), cache.invalidateQueries({ queryKey: keys.sessions })])
    },
  })
  if (!start.data) return <StartFactor email={me.email} submit={t('settings.totp.start')} busy={start.isPending} error={start.error} onSubmit={start.mutate} />
  const { secret, uri } = start.data
  return (
    <div className="card grid gap-4 px-5 py-4">
      <p>{t('settings.totp.scan')}</p>
      <div className="flex flex-wrap items-start gap-x-6 gap-y-3">
        <Qr text={uri} label={t('settings.totp.qr')} />
        <div className="grid min-w-0 flex-1 basis-60 gap-3">
          <div>
            <p className="text-sm text-muted">{t('settings.totp.secret')}</p>
            <CopyText text={secret} what={t('settings.totp.secret')} />
          </div>
          <a href={uri} className="text-link">{t('settings.totp.open')}</a>
        </div>
      </div>
      <CodeForm label={t('auth.totp')} hint={t('settings.totp.first')} submit={t('settings.totp.on')} busy={enable.isPending} error={enable.error} onSubmit={enable.mutate} />
      <div>
        <Button look="quiet" onClick={() => { start.reset() }}>{t('form.cancel')}</Button>
      </div>
    </div>
  )
}

function On({ totp, onCodes }: CodesProps & { totp: Totp }) {
  const { t } = useTranslation()
  const { client } = useApi()
  const { me, words } = useSurroundings()
  const now = useNow()
  const cache = useQueryClient()
  const renew = () => cache.invalidateQueries({ queryKey: keys.totp })
  const fresh = useMutation({
    mutationFn: ({ password, code = '' }: Proof) => client.newRecoveryCodes({ password, code }),
    onSuccess: ({ recovery_codes }) => {
      onCodes(recovery_codes)
      return renew()
    },
  })
  const disable = useMutation({ mutationFn: client.disableTotp, onSuccess: renew })
  const few = totp.recovery_codes_left < 3
  return (
    <>
      <div className="card px-5 py-4">
        <p className="font-semibold text-ok">{totp.enabled_at ? t('settings.totp.since', { time: words.date(totp.enabled_at, now) }) : t('settings.totp.is_on')}</p>
        <p className={few ? 'text-wr' : 'text-muted'}>{t('settings.totp.left', { count: totp.recovery_codes_left })}</p>
      </div>
      <ProofForm title={t('settings.totp.new_codes')} text={t('settings.totp.new_codes.text')} email={me.email} submit={t('settings.totp.new_codes.do')} recovery={false} busy={fresh.isPending} error={fresh.error} onSubmit={fresh.mutate} />
      <ProofForm title={t('settings.totp.off')} text={t('settings.totp.off.text')} email={me.email} submit={t('settings.totp.off')} recovery busy={disable.isPending} error={disable.error} onSubmit={disable.mutate} />
    </>
  )
}
