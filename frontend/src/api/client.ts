import type { Session } from '@/api/session'
import type {
  Account, AccountPatch, AccountQuotas, AddressRequest, AllowedHost, ApiToken, AuditEntry, ClaimedTarget, Collision, Contact, ContactMail, ContactPatch,
  HostRequest, Invite, InviteRequest, Line, LineProbe, LinkRequest, MailedProof, MailState, Me, MePatch, Monitor, MonitorPatch, NewApiToken, NewContact,
  NewTarget, NewTerms, OperatorAuditEntry, OwnQuotas, Page, PasswordRequest, Registration, Report, ResetRequest, Result, Service, SessionInfo, Settings,
  SettingsPatch, SharedNetwork, StatusSummary, StoredMail, Target, TargetPatch, Terms, Totp,
} from '@/domain/types'
import type { components } from '@/api/generated/schema'

type Schemas = components['schemas']
type Query = Record<string, string | number | undefined>

function withQuery(path: string, query: Query): string {
  const q = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) if (value !== undefined) q.set(key, String(value))
  const text = q.toString()
  return text ? `${path}?${text}` : path
}

/** The most a list gives at once. */
const LIMIT = 200

/** One method an operation; what they answer is what the API's description says (checked there, hence `as`). */
export function createClient(session: Session) {
  const get = <T>(path: string, signal?: AbortSignal) => session.call(path, { signal }) as Promise<T>
  const send = <T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown) => session.call(path, { method, body }) as Promise<T>
  const open = <T>(path: string, body?: unknown) => session.plain(path, body === undefined ? {} : { method: 'POST', body }) as Promise<T>
  return {
    service: () => open<Service>('/service'),
    terms: () => open<Terms>('/terms'),
    register: (r: Registration) => open<Schemas['RegisterResponse']>('/auth/register', r),
    verifyAccount: (p: MailedProof) => open<Schemas['VerifiedResponse']>('/auth/verify', p),
    verifyContact: (token: string) => open<Schemas['VerifiedResponse']>('/contacts/verify', { token }),
    /** The token is made by the server of what is safe in a path. */
    unsubscribe: (token: string) => session.plain(`/unsubscribe/${encodeURIComponent(token)}`, { method: 'POST' }) as Promise<undefined>,
    resendVerification: (email: string) => open<undefined>('/auth/resend', { email }),

    forgotPassword: (email: string) => open<undefined>('/auth/password/forgot', { email }),
    confirmEmail: (token: string) => open<undefined>('/me/email/confirm', { token }),
    resetPassword: (r: ResetRequest) => open<undefined>('/auth/password/reset', r),

    me: (signal?: AbortSignal) => get<Me>('/me', signal),
    updateMe: (p: MePatch) => send<Me>('PATCH', '/me', p),
    changePassword: (p: PasswordRequest) => send<undefined>('POST', '/me/password', p),
    changeEmail: (r: AddressRequest) => send<undefined>('POST', '/me/email', r),
    confirmEmailCode: (code: string) => send<undefined>('POST', '/me/email/code', { code }),
    exportAll: () => session.file('/me/export'),
    deleteMe: (proof: Schemas['DeleteMeRequest']) => send<undefined>('DELETE', '/me', proof),
    tokens: (signal?: AbortSignal) => get<Page<ApiToken>>('/me/tokens', signal),
    makeToken: (k: NewApiToken) => send<Schemas['NewAPIToken']>('POST', '/me/tokens', k),
    revokeToken: (id: number) => send<undefined>('DELETE', `/me/tokens/${id}`),
    totp: (signal?: AbortSignal) => get<Totp>('/me/totp', signal),
    startTotp: (password: string) => send<Schemas['TOTPSecret']>('POST', '/me/totp', { password }),
    enableTotp: (code: string) => send<Schemas['RecoveryCodes']>('POST', '/me/totp/enable', { code }),
    disableTotp: (p: Schemas['TOTPDisableRequest']) => send<undefined>('POST', '/me/totp/disable', p),
    newRecoveryCodes: (p: Schemas['RecoveryCodesRequest']) => send<Schemas['RecoveryCodes']>('POST', '/me/totp/recovery', p),
    audit: (cursor?: string, signal?: AbortSignal) => get<Page<AuditEntry>>(withQuery('/me/audit', { cursor }), signal),
    sessions: (signal?: AbortSignal) => get<Page<SessionInfo>>('/me/sessions', signal),
    revokeSession: (id: string) => send<undefined>('DELETE', `/me/sessions/${id}`),

    status: (signal?: AbortSignal) => get<StatusSummary>('/status', signal),
    lines: (signal?: AbortSignal) => get<Page<Line>>('/lines', signal),
    accounts: (filter: { q?: string; role?: string; disabled?: number }, cursor?: string, signal?: AbortSignal) => get<Page<Account>>(withQuery('/operator/accounts', { ...filter, cursor }), signal),
    account: (id: number, signal?: AbortSignal) => get<Account>(`/operator/accounts/${id}`, signal),
    updateAccount: (id: number, p: AccountPatch) => send<Account>('PATCH', `/operator/accounts/${id}`, p),
    openAccount: (id: number, reason: string) => send<Schemas['OpenAccountResponse']>('POST', `/operator/accounts/${id}/open`, { reason }),
    accountQuotas: (id: number, signal?: AbortSignal) => get<AccountQuotas>(`/operator/accounts/${id}/quotas`, signal),
    setAccountQuotas: ({ id, own }: { id: number; own: OwnQuotas }) => send<AccountQuotas>('PUT', `/operator/accounts/${id}/quotas`, own),
    operatorAudit: (account?: number, cursor?: string, signal?: AbortSignal) => get<Page<OperatorAuditEntry>>(withQuery('/operator/audit', { account_id: account, cursor }), signal),
    operatorLines: (signal?: AbortSignal) => get<Schemas['OperatorLineList']>('/operator/lines', signal),
    publishTerms: (n: NewTerms) => send<Terms>('POST', '/operator/terms', n),
    operatorSettings: (signal?: AbortSignal) => get<Settings>('/operator/settings', signal),
    changeSettings: (p: SettingsPatch) => send<Settings>('PATCH', '/operator/settings', p),
    invites: (signal?: AbortSignal) => get<Page<Invite>>(withQuery('/operator/invites', { limit: LIMIT }), signal),
    invite: (r: InviteRequest) => send<Schemas['NewInvite']>('POST', '/operator/invites', r),
    deleteInvite: (id: number) => send<undefined>('DELETE', `/operator/invites/${id}`),
    hostRequests: (signal?: AbortSignal) => get<Page<HostRequest>>(withQuery('/operator/requests', { limit: LIMIT }), signal),
    dropHostRequest: (id: number) => send<undefined>('DELETE', `/operator/requests/${id}`),
    claimedTargets: (host: string, signal?: AbortSignal) => get<Page<ClaimedTarget>>(withQuery('/operator/targets', { host, limit: LIMIT }), signal),
    collisions: (signal?: AbortSignal) => get<{ items: Collision[] }>(withQuery('/operator/collisions', { limit: LIMIT }), signal),
    sharedNetworks: (signal?: AbortSignal) => get<{ items: SharedNetwork[] }>('/operator/shared-networks', signal),
    setSharedNetworks: (items: SharedNetwork[]) => send<{ items: SharedNetwork[] }>('PUT', '/operator/shared-networks', { items }),
    allowedHosts: (signal?: AbortSignal) => get<Page<AllowedHost>>(withQuery('/operator/targets/allow', { limit: LIMIT }), signal),
    allowHost: (host: string) => send<AllowedHost>('POST', '/operator/targets/allow', { host }),
    disallowHost: (id: number) => send<undefined>('DELETE', `/operator/targets/allow/${id}`),
    mails: (state: MailState, cursor?: string, signal?: AbortSignal) => get<Page<StoredMail>>(withQuery('/operator/mails', { state, cursor }), signal),
    retryMail: (id: string) => send<undefined>('POST', `/operator/mails/${id}/retry`),

    contacts: (signal?: AbortSignal) => get<Page<Contact>>('/contacts', signal),
    addContact: (c: NewContact) => send<Contact>('POST', '/contacts', c),
    resendContact: (id: number) => send<undefined>('POST', `/contacts/${id}/resend`),
    verifyContactCode: (id: number, code: string) => send<Contact>('POST', `/contacts/${id}/verify`, { code }),
    updateContact: (id: number, p: ContactPatch) => send<Contact>('PATCH', `/contacts/${id}`, p),
    testContact: (id: number) => send<undefined>('POST', `/contacts/${id}/test`),
    contactMails: (id: number, signal?: AbortSignal) => get<Page<ContactMail>>(`/contacts/${id}/mails`, signal),
    resubscribeContact: (id: number) => send<undefined>('POST', `/contacts/${id}/resubscribe`),
    deleteContact: (id: number) => send<undefined>('DELETE', `/contacts/${id}`),

    targets: (cursor?: string, signal?: AbortSignal) => get<Page<Target>>(withQuery('/targets', { limit: LIMIT, cursor }), signal),
    target: (id: number, signal?: AbortSignal) => get<Target>(`/targets/${id}`, signal),
    addTarget: (t: NewTarget) => send<Target>('POST', '/targets', t),
    askForHost: (r: Schemas['AskForHostRequest']) => send<undefined>('POST', '/targets/ask', r),
    updateTarget: (id: number, p: TargetPatch) => send<Target>('PATCH', `/targets/${id}`, p),
    proveTarget: (id: number) => send<Target>('POST', `/targets/${id}/proof`),
    releaseTarget: (id: number) => send<undefined>('POST', `/operator/targets/${id}/release`),
    deleteTarget: (id: number) => send<undefined>('DELETE', `/targets/${id}`),

    monitor: (id: number, signal?: AbortSignal) => get<Monitor>(`/monitors/${id}`, signal),
    addMonitor: (m: Schemas['NewMonitorRequest']) => send<Monitor>('POST', '/monitors', m),
    updateMonitor: (id: number, p: MonitorPatch) => send<Monitor>('PATCH', `/monitors/${id}`, p),
    deleteMonitor: (id: number) => send<undefined>('DELETE', `/monitors/${id}`),
    pause: (id: number) => send<Monitor>('POST', `/monitors/${id}/pause`),
    resume: (id: number) => send<Monitor>('POST', `/monitors/${id}/resume`),
    resumeStopped: () => send<Schemas['ResumeResponse']>('POST', '/monitors/resume', { all_stopped: true }),
    probe: (id: number) => send<{ lines: LineProbe[] }>('POST', `/monitors/${id}/probe`),

    report: (id: number, signal?: AbortSignal) => get<Report>(`/monitors/${id}/report`, signal),
    link: (l: LinkRequest) => send<Schemas['LinkResponse']>('POST', '/report/links', l),

    /** All results in [from, to), oldest first, page by page. */
    results: async (id: number, from: string, to: string, signal?: AbortSignal): Promise<Result[]> => {
      const all: Result[] = []
      let cursor: string | undefined
      do {
        const page = await get<Page<Result>>(withQuery(`/monitors/${id}/results`, { from, to, limit: LIMIT, cursor }), signal)
        all.push(...page.items)
        cursor = page.next_cursor ?? undefined
      } while (cursor)
      return all
    },
  }
}

export type Client = ReturnType<typeof createClient>
