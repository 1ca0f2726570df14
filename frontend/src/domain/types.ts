import type { components } from '@/api/generated/schema'

type Schemas = components['schemas']

export type Account = Schemas['Account']
export type AccountPatch = Schemas['UpdateAccountRequest']
export type AccountQuotas = Schemas['AccountQuotas']
export type AddressRequest = Schemas['AddressRequest']
export type AllowedHost = Schemas['AllowedHost']
export type ApiToken = Schemas['APIToken']
export type AuditEntry = Schemas['AuditEntry']
export type ClaimedTarget = Schemas['ClaimedTarget']
export type Collision = Schemas['Collision']
export type Contact = Schemas['Contact']
export type ContactMail = Schemas['ContactMail']
export type ContactPatch = Schemas['ContactPatch']
export type HostRequest = Schemas['HostRequest']
export type Incident = Schemas['Incident']
export type Invite = Schemas['Invite']
export type InviteRequest = Schemas['InviteRequest']
export type Line = Schemas['Line']
export type LineProbe = Schemas['LineProbe']
export type LinkRequest = Schemas['LinkRequest']
export type LoginRequest = Schemas['LoginRequest']
export type MailedProof = Schemas['MailedProof']
export type Me = Schemas['Me']
export type MePatch = Schemas['MePatch']
export type Monitor = Schemas['Monitor']
export type MonitorPatch = Schemas['MonitorPatch']
export type NewApiToken = Schemas['APITokenRequest']
export type NewContact = Schemas['NewContactRequest']
export type NewTarget = Schemas['NewTargetRequest']
export type OperatorAuditEntry = Schemas['OperatorAuditEntry']
export type NewTerms = Schemas['NewTerms']
export type OperatorLine = Schemas['OperatorLine']
export type OwnQuotas = Schemas['OwnQuotas']
export type PasswordRequest = Schemas['PasswordRequest']
export type Problem = Schemas['Problem']
export type ProblemMonitor = Schemas['ProblemMonitor']
export type Proof = Schemas['Proof']
export type ProofTask = Schemas['ProofTask']
export type Quotas = Schemas['Quotas']
export type Registration = Schemas['RegisterRequest']
export type Report = Schemas['Report']
export type ResetRequest = Schemas['ResetRequest']
export type Result = Schemas['Result']
export type Service = Schemas['Service']
export type SessionInfo = Schemas['Session']
export type Settings = Schemas['Settings']
export type SettingsPatch = Schemas['SettingsPatch']
export type SharedNetwork = Schemas['SharedNetwork']
export type StatusSummary = Schemas['Status']
export type StoredMail = Schemas['Mail']
export type Target = Schemas['Target']
export type TargetPatch = Schemas['TargetPatch']
export type Terms = Schemas['Terms']
export type Totp = Schemas['TOTP']
export type WordsPatch = Pick<Schemas['TargetPatch'], 'label' | 'notes'>

export type MailState = StoredMail['state']
export type ServiceWarning = Schemas['OperatorLineList']['warnings'][number]
export type Scope = ApiToken['scopes'][number]
export type Locale = Me['locale']
export type Protocol = Monitor['service']
export type Reason = Result['reason']
export type State = Monitor['state']
export type Status = Result['status']

export interface Page<T> {
  items: T[]
  next_cursor: string | null
}

/** Those with a port of their own, in the order in which they are shown; tcp has any. */
export const PROTOCOLS = ['ping', 'http', 'ftp', 'pop3', 'smtp', 'dns'] as const satisfies readonly Protocol[]

export const PORT: Record<Protocol, number | null> = { ping: null, http: 80, ftp: 21, pop3: 110, smtp: 25, dns: 53, tcp: null }

/** PING, HTTP(80) */
export function protocolName(service: Protocol, port: number | null = PORT[service]): string {
  return port === null ? service.toUpperCase() : `${service.toUpperCase()}(${port})`
}

/** Higher is worse; decides which of several results in one place is shown. */
export const SEVERITY: Record<Status, number> = { ok: 0, unknown: 1, wr: 2, err: 3, ng: 4 }

export type MarkName = Status | 'paused' | 'stopped'

/** What stands before a monitor: how it is watched, else its last result. */
export function monitorMark(m: Pick<Monitor, 'state' | 'status'>): MarkName {
  return m.state === 'active' ? (m.status ?? 'unknown') : m.state
}

/** Something burns: confirmed down, or stopped because of it. */
export function burns(m: Pick<Monitor, 'state' | 'verdict'>): boolean {
  return m.state === 'stopped' || (m.state === 'active' && m.verdict === 'down')
}

/** Down first, then stopped, then the rest; else as registered. */
export function byTrouble(a: Target, b: Target): number {
  return rank(a) - rank(b) || a.id - b.id
}

function rank(t: Target): number {
  if (t.monitors.some((m) => m.state === 'active' && m.verdict === 'down')) return 0
  if (t.monitors.some((m) => m.state === 'stopped')) return 1
  return 2
}

/** What to call a host where space is short. */
export function shownName(x: { label: string; host_display: string }): string {
  return x.label || x.host_display
}

/** The things to check first, by reason: keys `check.…` of the texts, at most three. */
export const CHECK_FIRST: Record<Reason, readonly CheckKey[]> = {
  reply: [],
  connected: [],
  refused: ['running', 'port', 'allowed'],
  host_unreachable: ['power', 'network', 'allowed'],
  net_unreachable: ['network', 'route'],
  port_unreachable: ['running', 'allowed'],
  admin_prohibited: ['allowed'],
  ttl_exceeded: ['route'],
  icmp_other: ['network', 'allowed'],
  timeout: ['allowed', 'port', 'power'],
  dns_not_found: ['typed', 'registered'],
  dns_no_address: ['record', 'typed'],
  dns_failed: ['nameservers'],
  forbidden_address: ['record'],
  line_down: ['ours'],
  no_route: ['ours'],
  source_unavailable: ['ours'],
  dns_unavailable: ['ours'],
  overload: ['ours'],
  internal: ['ours'],
}

export type CheckKey = 'running' | 'port' | 'allowed' | 'power' | 'network' | 'route' | 'typed' | 'registered' | 'record' | 'nameservers' | 'ours'

/** What to check first for one service; DNS is asked over TCP, which many forget to open. */
export function checkFirst(reason: Reason, service: Protocol): (CheckKey | 'tcp53')[] {
  const keys: readonly CheckKey[] = CHECK_FIRST[reason]
  if (service === 'dns' && keys.includes('port')) return ['tcp53', ...keys.filter((k) => k !== 'port')]
  return service === 'ping' ? keys.filter((k) => k !== 'port' && k !== 'running') : [...keys]
}

/** Whether a contact gets alerts, else why not. */
export function contactStanding(c: Pick<Contact, 'verified_at' | 'unsubscribed_at' | 'bounced_at'>): 'reached' | 'waiting' | 'unsubscribed' | 'bounced' {
  if (!c.verified_at) return 'waiting'
  if (c.unsubscribed_at) return 'unsubscribed'
  return c.bounced_at ? 'bounced' : 'reached'
}

/** In the order in which an operator looks through them. */
export const MAIL_STATES = ['stored', 'pending', 'failed', 'sent'] as const satisfies readonly MailState[]

/** What tokens may be allowed, in the order in which it is offered. */
export const SCOPES = ['read', 'write', 'results:read', 'targets:read', 'targets:write', 'contacts:read', 'contacts:write'] as const satisfies readonly Scope[]
