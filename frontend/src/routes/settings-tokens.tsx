import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { keys, queries } from '@/api/queries'
import type { ApiToken } from '@/domain/types'
import { TokenForm } from '@/features/settings/token-form'
import { TokenList } from '@/features/settings/token-list'
import { CopyText } from '@/ui/copy-text'
import { Confirm } from '@/ui/dialog'
import { Fault, Notice, Part } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { useNow } from '@/ui/use-now'
import { useSurroundings } from '@/ui/setting'

export function TokensRoute() {
  const { t } = useTranslation()
  const { client } = useApi()
  const { words } = useSurroundings()
  const faults = useFaults()
  const now = useNow()
  const cache = useQueryClient()
  const renew = () => cache.invalidateQueries({ queryKey: keys.tokens })
  const [leaving, setLeaving] = useState<ApiToken | null>(null)
  const tokens = useQuery(queries.tokens(client))
  const make = useMutation({ mutationFn: client.makeToken, onSuccess: renew, gcTime: 0 })
  const revoke = useMutation({
    mutationFn: client.revokeToken,
    onSuccess: async () => {
      setLeaving(null)
      await renew()
    },
  })
  return (
    <>
      <Part title={t('settings.tokens')} text={t('settings.tokens.text')}>
        {tokens.error && !tokens.data && <Fault>{faults.whole(tokens.error)}</Fault>}
        {tokens.isPending && <p role="status">{t('loading')}</p>}
        {make.data && (
          <Notice>
            <p role="status" className="w-full font-semibold">{t('settings.tokens.once', { name: make.data.name })}</p>
            <CopyText text={make.data.token} what={t('settings.tokens.one')} />
          </Notice>
        )}
        {tokens.data && <TokenList tokens={tokens.data.items} words={words} now={now} onRevoke={setLeaving} />}
      </Part>
      <Part title={t('settings.tokens.new')}>
        <TokenForm key={make.data?.id ?? 0} busy={make.isPending} error={make.error} onSubmit={make.mutate} />
      </Part>
      {leaving && (
        <Confirm title={t('settings.tokens.revoke.title', { name: leaving.name })} confirm={t('settings.tokens.revoke')} busy={revoke.isPending} onConfirm={() => { revoke.mutate(leaving.id) }} onClose={() => { setLeaving(null) }}>
          <p>{t('settings.tokens.revoke.text')}</p>
          {revoke.error && <Fault>{faults.whole(revoke.error)}</Fault>}
        </Confirm>
      )}
    </>
  )
}
