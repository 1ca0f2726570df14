import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useEffect, useRef, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { Button } from '@/ui/button'
import { Notice } from '@/ui/layout'

/**
 * Whether an operator looks at somebody's account. When that begins or ends, nothing
 * that was read before is shown; where it ends, the way leads back to the accounts.
 */
export function useGuest(): boolean {
  const { session } = useApi()
  const cache = useQueryClient()
  const router = useRouter()
  const guest = useSyncExternalStore((listener) => session.subscribe(listener), () => session.guest)
  const before = useRef(guest)
  useEffect(() => {
    if (before.current === guest) return
    before.current = guest
    void cache.resetQueries()
    if (!guest && session.signedIn) void router.navigate({ to: '/operator/accounts' })
  }, [guest, session, cache, router])
  return guest
}

/** Stands on every page while somebody's account is looked at. */
export function GuestNotice({ email }: { email: string }) {
  const { t } = useTranslation()
  const { session } = useApi()
  return (
    <div className="mb-4">
      <Notice>
        <span className="font-semibold wrap-anywhere">{t('operator.open.on', { email })}</span>
        <Button onClick={() => { session.close() }}>{t('operator.open.leave')}</Button>
      </Notice>
    </div>
  )
}
