import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Outlet, useRouter } from '@tanstack/react-router'
import { useEffect, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useApi } from '@/api/context'
import { queries } from '@/api/queries'
import type { Line, StatusSummary } from '@/domain/types'
import { storedLanguage } from '@/i18n/i18n'
import { useWords } from '@/i18n/words'
import { Fault } from '@/ui/layout'
import { SurroundingsContext } from '@/ui/setting'
import { useFaults } from '@/ui/faults'
import { Frame } from '@/app/frame'
import { GuestNotice, useGuest } from '@/app/guest'
import { Live } from '@/app/live'
import { Nav } from '@/app/nav'
import { Notices } from '@/app/notices'
import { SignInAgain } from '@/app/sign-in-again'

const NO_LINES: readonly Line[] = []

/** Around every page of signed-in people. */
export function Shell() {
  const { client, session } = useApi()
  const router = useRouter()
  const cache = useQueryClient()
  const { t } = useTranslation()
  const faults = useFaults()
  const guest = useGuest()
  const me = useQuery(queries.me(client))
  const service = useQuery(queries.service(client))
  const lines = useQuery(queries.lines(client))
  const status = useQuery(queries.status(client))
  const words = useWords({
    zone: me.data?.time_zone ?? 'UTC',
    lines: lines.data?.items ?? NO_LINES,
    timeoutSeconds: service.data?.probe_timeout_seconds ?? 5,
  })
  useAccountLanguage(guest ? undefined : me.data?.locale) // operators read in their own
  useSignal(status.data)
  const surroundings = useMemo(() => (me.data && service.data ? { me: me.data, service: service.data, words } : null), [me.data, service.data, words])
  const signOut = async () => {
    try {
      await session.signOut()
    } finally {
      cache.clear()
      await router.navigate({ to: '/sign-in' })
    }
  }
  if (!surroundings || !lines.data) {
    const error = me.error ?? service.error ?? lines.error
    return <Frame>{error ? <Fault>{faults.whole(error)}</Fault> : <p role="status">{t('loading')}</p>}</Frame>
  }
  return (
    <SurroundingsContext value={surroundings}>
      <Frame nav={<Nav me={surroundings.me} guest={guest} onSignOut={() => void signOut()} />} aside={<Live words={words} />}>
        <SignInAgain email={surroundings.me.email} onLeave={() => void signOut()} />
        {guest && <GuestNotice email={surroundings.me.email} />}
        <Notices {...surroundings} />
        <Outlet />
      </Frame>
    </SurroundingsContext>
  )
}

/** The account's language, unless another was chosen on this device. */
function useAccountLanguage(locale: 'ja' | 'en' | undefined): void {
  const { i18n } = useTranslation()
  useEffect(() => {
    if (locale && !storedLanguage()) void i18n.changeLanguage(locale)
  }, [locale, i18n])
}

/** Title and favicon tell of trouble while the page is in another tab. */
function useSignal(status: StatusSummary | undefined): void {
  const { t } = useTranslation()
  const bad = status ? status.counts.down + status.counts.stopped : 0
  useEffect(() => {
    document.title = bad ? `(${bad}) ${t('brand.title')}` : t('brand.title')
    document.querySelector('link[rel=icon]')?.setAttribute('href', bad ? '/favicon-fire.svg' : '/favicon.svg')
  }, [bad, t])
}
