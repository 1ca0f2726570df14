import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, Link, Outlet, redirect, useLocation } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Api } from '@/api/context'
import { MAIL_STATES, type MailState } from '@/domain/types'
import type { AccountFilter } from '@/features/operator/account-search'
import { Frame } from '@/app/frame'
import { Shell } from '@/app/shell'
import { AddTargetRoute } from '@/routes/add-target'
import { ContactsRoute } from '@/routes/contacts'
import { DashboardRoute } from '@/routes/dashboard'
import { ConfirmAddressRoute } from '@/routes/confirm-address'
import { OperatorRoute } from '@/routes/operator'
import { OperatorAccountRoute } from '@/routes/operator-account'
import { OperatorAccountsRoute } from '@/routes/operator-accounts'
import { OperatorAuditRoute } from '@/routes/operator-audit'
import { InvitesRoute } from '@/routes/operator-invites'
import { OperatorLinesRoute } from '@/routes/operator-lines'
import { OperatorMailsRoute } from '@/routes/operator-mails'
import { OperatorSettingsRoute } from '@/routes/operator-settings'
import { OperatorTargetsRoute } from '@/routes/operator-targets'
import { OperatorTermsRoute } from '@/routes/operator-terms'
import { ForgotRoute, ResetRoute } from '@/routes/reset'
import { SettingsRoute } from '@/routes/settings'
import { AuditRoute } from '@/routes/settings-audit'
import { DataRoute } from '@/routes/settings-data'
import { PasswordRoute } from '@/routes/settings-password'
import { ProfileRoute } from '@/routes/settings-profile'
import { SessionsRoute } from '@/routes/settings-sessions'
import { TokensRoute } from '@/routes/settings-tokens'
import { SetupRoute } from '@/routes/setup'
import { SignInRoute } from '@/routes/sign-in'
import { SignUpRoute } from '@/routes/sign-up'
import { TargetRoute } from '@/routes/target'
import { TermsRoute } from '@/routes/terms'
import { UnsubscribeRoute } from '@/routes/unsubscribe'
import { VerifyRoute } from '@/routes/verify'
import { Narrow } from '@/ui/layout'
import { useFaults } from '@/ui/faults'
import { Button } from '@/ui/button'

interface Context extends Api {
  queryClient: QueryClient
}

const root = createRootRouteWithContext<Context>()({
  notFoundComponent: () => (
    <Frame>
      <Lost />
    </Frame>
  ),
  errorComponent: ({ error, reset }) => (
    <Frame>
      <Broken error={error} onRetry={reset} />
    </Frame>
  ),
})

function Lost() {
  const { t } = useTranslation()
  return (
    <Narrow title={t('not_found.title')}>
      <p>{t('not_found.text')}</p>
      <Link to="/" className="text-link">
        {t('not_found.home')}
      </Link>
    </Narrow>
  )
}

function Broken({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useTranslation()
  return (
    <Narrow title={useFaults().whole(error) ?? t('error.internal')}>
      <div>
        <Button look="primary" onClick={onRetry}>
          {t('live.retry')}
        </Button>
      </div>
    </Narrow>
  )
}

const open = createRoute({
  getParentRoute: () => root,
  id: 'open',
  component: () => (
    <Frame>
      <Outlet />
    </Frame>
  ),
})

const text = (v: unknown): string | undefined => (typeof v === 'string' && v ? v : undefined)

const setup = createRoute({ getParentRoute: () => open, path: '/setup', component: SetupRoute })
const terms = createRoute({ getParentRoute: () => open, path: '/terms', component: TermsRoute })

/** What stands behind #: browsers do not send it, so that it is in no log. */
function useHash(name: string): string | undefined {
  const hash = useLocation({ select: (l) => l.hash })
  return new URLSearchParams(hash).get(name) ?? undefined
}

const signUp = createRoute({
  getParentRoute: () => open,
  path: '/sign-up',
  component: function SignUpPage() {
    return <SignUpRoute invite={useHash('invite')} />
  },
})

const forgot = createRoute({ getParentRoute: () => open, path: '/forgot', component: ForgotRoute })

const reset = createRoute({
  getParentRoute: () => open,
  path: '/reset',
  component: function ResetPage() {
    return <ResetRoute token={useHash('token')} />
  },
})

const confirmAddress = createRoute({
  getParentRoute: () => open,
  path: '/confirm-address',
  component: function ConfirmAddressPage() {
    return <ConfirmAddressRoute token={useHash('token')} />
  },
})

const unsubscribe = createRoute({
  getParentRoute: () => open,
  path: '/unsubscribe',
  component: function UnsubscribePage() {
    return <UnsubscribeRoute token={useHash('token')} />
  },
})

interface SignInSearch {
  /** Where to go then: a path of this page. */
  next?: string
  deleted?: true
}

const signIn = createRoute({
  getParentRoute: () => open,
  path: '/sign-in',
  validateSearch: (s): SignInSearch => {
    const next = text(s['next'])
    return { ...(next && /^\/(?![/\\])/.test(next) ? { next } : {}), ...(s['deleted'] === true ? { deleted: true } : {}) }
  },
  component: function SignInPage() {
    return <SignInRoute {...signIn.useSearch()} />
  },
})

interface TokenSearch {
  token?: string
}

/** A token may look like a number to the reader of queries; it is text. */
const token = (s: Record<string, unknown>): TokenSearch => {
  const value = typeof s['token'] === 'number' ? String(s['token']) : text(s['token'])
  return value ? { token: value } : {}
}

const verify = createRoute({
  getParentRoute: () => open,
  path: '/verify',
  validateSearch: token,
  component: function VerifyPage() {
    return <VerifyRoute what="verify" token={verify.useSearch().token} />
  },
})

const verifyContact = createRoute({
  getParentRoute: () => open,
  path: '/contacts/verify',
  validateSearch: token,
  component: function VerifyContactPage() {
    return <VerifyRoute what="verify_contact" token={verifyContact.useSearch().token} />
  },
})

const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  beforeLoad: async ({ context, location }) => {
    if (context.session.signedIn || (await context.session.refresh())) return
    throw redirect({ to: '/sign-in', search: location.pathname === '/' ? {} : { next: location.href } })
  },
  component: Shell,
  notFoundComponent: Lost,
})

const dashboard = createRoute({ getParentRoute: () => inside, path: '/', component: DashboardRoute })
const addTarget = createRoute({ getParentRoute: () => inside, path: '/targets/new', component: AddTargetRoute })
const contacts = createRoute({ getParentRoute: () => inside, path: '/contacts', component: ContactsRoute })
const settings = createRoute({ getParentRoute: () => inside, path: '/settings', component: SettingsRoute })
const settingsStart = createRoute({
  getParentRoute: () => settings,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/settings/profile', replace: true })
  },
})
const profile = createRoute({ getParentRoute: () => settings, path: '/profile', component: ProfileRoute })
const password = createRoute({ getParentRoute: () => settings, path: '/password', component: PasswordRoute })
const totp = createRoute({ getParentRoute: () => settings, path: '/totp', component: lazyRouteComponent(() => import('@/routes/settings-totp'), 'TotpRoute') })
const tokens = createRoute({ getParentRoute: () => settings, path: '/tokens', component: TokensRoute })
const data = createRoute({ getParentRoute: () => settings, path: '/data', component: DataRoute })
const audit = createRoute({ getParentRoute: () => settings, path: '/audit', component: AuditRoute })
const sessions = createRoute({ getParentRoute: () => settings, path: '/sessions', component: SessionsRoute })
const ownSettings = settings.addChildren([settingsStart, profile, password, totp, sessions, tokens, audit, data])

/** An id in a path; others are asked for in vain and answered 404. */
const id = { parse: (p: { id: string }) => ({ id: Number(p.id) }), stringify: (p: { id: number }) => ({ id: String(p.id) }) }

const operator = createRoute({ getParentRoute: () => inside, path: '/operator', component: OperatorRoute })
const operatorStart = createRoute({
  getParentRoute: () => operator,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/operator/accounts', replace: true })
  },
})
const operatorAccounts = createRoute({
  getParentRoute: () => operator,
  path: '/accounts',
  validateSearch: (s): AccountFilter => {
    const q = typeof s['q'] === 'number' ? String(s['q']) : text(s['q'])
    return { ...(q ? { q } : {}), ...(s['role'] === 'operator' ? { role: 'operator' } : {}), ...(s['disabled'] === 1 ? { disabled: 1 } : {}) }
  },
  component: function OperatorAccountsPage() {
    return <OperatorAccountsRoute filter={operatorAccounts.useSearch()} />
  },
})
const operatorAccount = createRoute({
  getParentRoute: () => operator,
  path: '/accounts/$id',
  params: id,
  component: function OperatorAccountPage() {
    const params = operatorAccount.useParams()
    return <OperatorAccountRoute key={params.id} id={params.id} />
  },
})
const operatorTargets = createRoute({ getParentRoute: () => operator, path: '/targets', component: OperatorTargetsRoute })
const operatorMails = createRoute({
  getParentRoute: () => operator,
  path: '/mails',
  validateSearch: (s): { state?: MailState } => {
    const state = MAIL_STATES.find((x) => x === s['state'])
    return state ? { state } : {}
  },
  component: function OperatorMailsPage() {
    return <OperatorMailsRoute state={operatorMails.useSearch().state} />
  },
})
const operatorInvites = createRoute({ getParentRoute: () => operator, path: '/invites', component: InvitesRoute })
const operatorSettings = createRoute({ getParentRoute: () => operator, path: '/settings', component: OperatorSettingsRoute })
const operatorTerms = createRoute({ getParentRoute: () => operator, path: '/terms', component: OperatorTermsRoute })
const operatorLines = createRoute({ getParentRoute: () => operator, path: '/lines', component: OperatorLinesRoute })
const operatorAudit = createRoute({
  getParentRoute: () => operator,
  path: '/audit',
  validateSearch: (s): { account?: number } => (typeof s['account'] === 'number' ? { account: s['account'] } : {}),
  component: function OperatorAuditPage() {
    return <OperatorAuditRoute account={operatorAudit.useSearch().account} />
  },
})
const operators = operator.addChildren([operatorStart, operatorAccounts, operatorAccount, operatorTargets, operatorMails, operatorInvites, operatorSettings, operatorTerms, operatorLines, operatorAudit])

const target = createRoute({
  getParentRoute: () => inside,
  path: '/targets/$id',
  params: id,
  validateSearch: (s): { first?: true } => (s['first'] === true ? { first: true } : {}),
  component: function TargetPage() {
    const params = target.useParams()
    return <TargetRoute key={params.id} id={params.id} first={target.useSearch().first ?? false} />
  },
})

const LazyMonitor = lazyRouteComponent(() => import('@/routes/monitor'), 'MonitorRoute')

const monitor = createRoute({
  getParentRoute: () => inside,
  path: '/monitors/$id',
  params: id,
  component: function MonitorPage() {
    const params = monitor.useParams()
    return <LazyMonitor key={params.id} id={params.id} />
  },
})

const tree = root.addChildren([
  open.addChildren([setup, signUp, signIn, forgot, reset, confirmAddress, verify, verifyContact, unsubscribe, terms]),
  inside.addChildren([dashboard, addTarget, target, monitor, contacts, ownSettings, operators]),
])

export function createPageRouter(context: Context) {
  return createRouter({ routeTree: tree, context, defaultPreload: false, scrollRestoration: true })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createPageRouter>
  }
}
