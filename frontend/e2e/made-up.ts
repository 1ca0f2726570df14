/** A made-up account at a made-up moment, as the API would tell of it. */
import type { components } from '../src/api/generated/schema'

type S = components['schemas']
type Monitor = S['Monitor']
type Result = S['Result']

/** 22 November 2026, 12:14:31 in Tokyo. */
export const NOW = Date.parse('2026-11-22T03:14:31Z')

const MINUTE = 60_000
const iso = (at: number) => new Date(at).toISOString()
const ago = (minutes: number) => iso(NOW - minutes * MINUTE)

/** A monitor that is well; `change` says what is different. */
function monitor(id: number, target: { id: number; host: string; label: string }, service: Monitor['service'], change: Partial<Monitor> = {}): Monitor {
  const port = { ping: null, http: 80, ftp: 21, pop3: 110, smtp: 25, dns: 53, tcp: null }[service]
  return {
    id, target_id: target.id, host: target.host, host_display: target.host, label: target.label, notes: '', service, port,
    state: 'active', verdict: 'up', verdict_since: ago(9 * 1440), told: 'well',
    status: 'ok', reason: service === 'ping' ? 'reply' : 'connected', line: id % 2 ? 'a' : 'b', rtt_us: 11_200 + id * 310, address: '203.0.113.7',
    checked_at: ago(1), status_since: ago(9 * 1440), next_check_at: iso(NOW + 4 * MINUTE), stopped_at: null,
    stop_after: 4, bad_streak: 0, good_streak: 40, incident_id: null, created_at: ago(40 * 1440),
    ...change,
  }
}

const web = { id: 1, host: 'www.example.jp', label: '本社ウェブ' }
const mail = { id: 2, host: 'mail.example.jp', label: '' }
const dns = { id: 3, host: 'ns1.example.jp', label: '' }

const down = { verdict: 'down', verdict_since: ago(6), status: 'ng', reason: 'refused', rtt_us: null, bad_streak: 3, told: 'trouble', incident_id: 9 } as const
const stopped = { state: 'stopped', verdict: 'down', status: 'wr', reason: 'timeout', rtt_us: null, stopped_at: ago(534), told: 'trouble' } as const

export const monitors: Monitor[] = [
  monitor(1, web, 'ping'),
  monitor(2, web, 'http', down),
  monitor(3, mail, 'ping'),
  monitor(4, mail, 'smtp'),
  monitor(5, mail, 'pop3', stopped),
  monitor(6, dns, 'ping'),
  monitor(7, dns, 'dns', { state: 'paused', stopped_at: ago(90) }),
]

const proof = (host: string): S['Target']['proof'] => ({
  state: 'none', method: null, proven_at: null, checked_at: null, dns_name: `_hinomi.${host}`, dns_value: 'hinomi-proof=k5hmycyzzyxxiw4wvoq3ydfbye',
  http_url: `http://${host}/.well-known/hinomi-k5hmycyzzyxxiw4wvoq3ydfbye.txt`, http_content: 'hinomi-proof=k5hmycyzzyxxiw4wvoq3ydfbye',
})

export const targets: S['Target'][] = [web, mail, dns].map((t) => ({
  ...t, host_display: t.host, notes: '', address: '203.0.113.7', created_at: ago(40 * 1440), contact_ids: null, held: true, proof: t.id === 2 ? { ...proof(t.host), state: 'proven', method: 'dns', proven_at: ago(20_000), checked_at: ago(3000) } : proof(t.host), monitors: monitors.filter((m) => m.target_id === t.id),
}))

/** A target that was added just now. */
export const added: S['Target'] = {
  id: 4, host: 'shop.example.jp', host_display: 'shop.example.jp', label: '', notes: '', address: '203.0.113.40', created_at: ago(0), contact_ids: null, held: true, proof: proof('shop.example.jp'),
  monitors: [
    monitor(20, { id: 4, host: 'shop.example.jp', label: '' }, 'ping', { verdict: 'pending' }),
    monitor(21, { id: 4, host: 'shop.example.jp', label: '' }, 'http', { verdict: 'pending' }),
    monitor(22, { id: 4, host: 'shop.example.jp', label: '' }, 'ftp', { verdict: 'pending', status: 'wr', reason: 'timeout', rtt_us: null }),
    monitor(23, { id: 4, host: 'shop.example.jp', label: '' }, 'dns', { verdict: 'pending', status: 'ng', reason: 'refused', rtt_us: null }),
  ],
}

const problem = (m: Monitor, since: string, lines: string[]): S['ProblemMonitor'] => ({
  monitor_id: m.id, target_id: m.target_id, host: m.host, host_display: m.host_display, label: m.label, service: m.service, port: m.port,
  verdict: m.verdict, state: m.state, since, reason: m.reason, lines,
})

const pick = (id: number): Monitor => {
  const m = monitors.find((x) => x.id === id)
  if (!m) throw new Error(`no monitor ${id}`)
  return m
}

export const status: S['Status'] = {
  overall: 'trouble', counts: { up: 4, down: 1, pending: 0, stopped: 1, paused: 1 }, checked_at: ago(0.1),
  problems: [problem(pick(2), ago(11), ['a', 'b']), problem(pick(5), ago(549), ['a', 'b'])],
}

export const well: S['Status'] = { overall: 'well', counts: { up: 42, down: 0, pending: 0, stopped: 0, paused: 0 }, checked_at: ago(0.1), problems: [] }

export const me = (locale: 'ja' | 'en'): S['Me'] => ({
  id: 1, email: 'ops@example.jp', locale, role: 'user', time_zone: 'Asia/Tokyo', terms_version: '2026-11-22', verified_at: ago(50_000), created_at: ago(50_000), verified_contacts: 2,
  quotas: { targets: { limit: 20, used: 3 }, monitors: { limit: 100, used: 7 }, contacts: { limit: 5, used: 2 } },
})

export const service: S['Service'] = {
  version: '0.1.0', interval_seconds: 300, effective_interval_seconds: 300, probe_timeout_seconds: 5, require_proof: false, failures_to_down: 2, successes_to_up: 2, failures_to_stop: 4,
  target_policy: 'public', retention_days: 10, terms_version: '2026-11-22', mail_mode: 'smtp', mail_from: 'Hinomi <alert@hinomi.example>', allowed_countries: null, country_built_at: null, country_old: false, setup_required: false, claims: true, registration: 'open', announcement: null, halted_at: null,
}

export const lines: S['Line'][] = [
  { name: 'a', label: '回線A', addresses: ['192.0.2.10', '2001:db8::10'], warnings: [] },
  { name: 'b', label: '回線B', addresses: ['198.51.100.20'], warnings: [] },
]

export const operatorLines: S['OperatorLine'][] = lines.map((l, i) => ({
  ...l, device: `eth${i}`, gateways: ['192.0.2.1'], health: { replies: i ? 0 : 412, failures: i ? 371 : 9, unmeasured: 0, last_reply_at: i ? null : ago(1), warnings: i ? ['no_reply'] : [] },
}))

const contact = (id: number, email: string, change: Partial<S['Contact']> = {}): S['Contact'] => ({
  id, email, locale: 'ja', short_form: false, verified_at: ago(50_000), created_at: ago(50_000), unsubscribed_at: null, bounced_at: null, bounce: null, ...change,
})

export const contacts: S['Contact'][] = [
  contact(1, 'ops@example.jp'),
  contact(2, 'abc..def@docomo.ne.jp', { short_form: true, verified_at: null, created_at: ago(30) }),
  contact(3, 'sleeper@example.com', { locale: 'en', unsubscribed_at: ago(3000) }),
  contact(4, 'gone@department.example.co.jp', { bounced_at: ago(700), bounce: '550 5.1.1 <gone@department.example.co.jp>: Recipient address rejected: User unknown' }),
]

export const sessions: S['Session'][] = [
  { id: '1', user_agent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0', current: true, created_at: ago(4000), used_at: ago(3), expires_at: ago(-40_000) },
  { id: '2', user_agent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1', current: false, created_at: ago(20_000), used_at: ago(700), expires_at: ago(-30_000) },
  { id: '3', user_agent: '', current: false, created_at: ago(30_000), used_at: ago(29_000), expires_at: ago(-10_000) },
]

export const tokens: S['APIToken'][] = [
  { id: 1, name: 'バックアップサーバー', prefix: 'hnm_4kF2', scopes: ['targets:write', 'results:read'], created_at: ago(20_000), expires_at: ago(-100_000), last_used_at: ago(12) },
  { id: 2, name: 'old script', prefix: 'hnm_Zq81', scopes: ['read'], created_at: ago(200_000), expires_at: ago(900), last_used_at: null },
]

const account = (id: number, email: string, change: Partial<S['Account']> = {}): S['Account'] => ({
  id, email, role: 'user', locale: 'ja', created_at: ago(40_000), verified_at: ago(39_990), disabled_at: null, last_seen_at: ago(40), second_factor: false, terms_version: '2026-11-22', targets: 3, monitors: 7, contacts: 2, ...change,
})

export const accounts: S['Account'][] = [
  account(1, 'ops@example.jp', { role: 'operator', second_factor: true }),
  account(7, 'kenji@example.co.jp', { targets: 12, monitors: 61, contacts: 1 }),
  account(9, 'a.rather.long.address.of.somebody@department.example.co.jp', { verified_at: null, last_seen_at: null, targets: 0, monitors: 0, contacts: 0 }),
  account(12, 'flood@example.com', { disabled_at: ago(900) }),
]

export const invites: S['Invite'][] = [
  { id: 3, email: null, created_at: ago(10), expires_at: ago(-10_000), used_at: null },
  { id: 2, email: 'newcomer@example.com', created_at: ago(3000), expires_at: ago(-7000), used_at: ago(2000) },
  { id: 1, email: 'a.rather.long.address.of.somebody@department.example.co.jp', created_at: ago(30_000), expires_at: ago(20_000), used_at: null },
]

export const hostRequests: S['HostRequest'][] = [
  { id: 1, account_id: 7, email: 'kenji@example.co.jp', host: 'cdn.example.com', host_display: 'cdn.example.com', note: '本社のサイトですが、海外のデータセンターにあります。', created_at: ago(200) },
]

const claimed = (id: number, host: string, email: string): S['ClaimedTarget'] => ({ id, host, host_display: host, account_id: id, email, addresses: ['203.0.113.7', '2001:db8::7'], allowed_country: id === 2, held: id !== 3, proof_state: id === 2 ? 'proven' : 'none', created_at: ago(id * 4000) })

export const collisions: S['Collision'][] = [
  { kind: 'address', address: '203.0.113.7', since: ago(700), target: claimed(2, 'www.example.com', 'kenji@example.co.jp'), holder: claimed(5, 'shop.example.jp', 'yamada.hanako@department.example.co.jp') },
  { kind: 'crowd', address: '203.0.113.9', since: ago(4000), target: claimed(7, 'mail.example.com', 'night@example.com'), holder: null },
]

export const networks: S['SharedNetwork'][] = [{ prefix: '198.51.100.0/24', name: 'Example CDN' }, { prefix: '2001:db8:4000::/36', name: 'Example Hosting' }]

export const allowedHosts: S['AllowedHost'][] = [{ id: 1, host: 'xn--r8jz45g.example.com', host_display: '例え.example.com', created_at: ago(9000) }]

const stored = { state: 'stored', account_id: null, kind: null, attempts: 0, next_try_at: null, sent_at: null, failed_at: null, error: null } as const

export const mails: S['Mail'][] = [
  { ...stored, id: 'a', to: 'ops@example.jp', subject: '【異常】本社ウェブ HTTP 12:03から応答なし', date: ago(6), body: '本社ウェブ(www.example.jp)のHTTP(80番)に、11/22(日) 12:03からつながりません。' },
  { ...stored, id: 'b', to: 'night@example.com', subject: 'Confirm that you want alerts', date: ago(600), body: 'Code: 123 456' },
]

export const failedMails: S['Mail'][] = [
  { ...stored, id: '12', state: 'failed', account_id: 7, kind: 'alert', to: 'gone@department.example.co.jp', subject: '', body: '', date: ago(900), attempts: 6, failed_at: ago(200), error: '550 5.1.1 <gone@department.example.co.jp>: Recipient address rejected: User unknown' },
]

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0'
const deed = (id: number, action: string, change: Partial<S['AuditEntry']> = {}): S['AuditEntry'] => ({
  id, action, at: ago((90 - id) * 77), actor: 'you', object: null, address: '203.0.113.50', user_agent: FIREFOX, detail: null, token_id: null, ...change,
})

export const audit: S['AuditEntry'][] = [
  deed(89, 'resumeMonitor', { object: '5' }),
  deed(88, 'login'),
  deed(87, 'login', { actor: 'unknown', detail: 'invalid_credentials', address: '2001:db8:1234:5678:9abc:def0:1234:5678', user_agent: 'curl/8.5.0' }),
  deed(80, 'createTarget', { object: '3', token_id: 1, user_agent: 'python-requests/2.32' }),
  deed(70, 'setAccountQuotas', { actor: 'operator', address: null, user_agent: null }),
  deed(20, 'somethingNewer'),
]

export const operatorAudit: S['OperatorAuditEntry'][] = audit.map((e, i) => ({
  ...e, actor: e.actor === 'operator' ? 'operator' : e.actor === 'unknown' ? 'nobody' : 'account', account_id: i === 2 ? null : 7, actor_id: 7, session_id: null,
}))

const reasonOf = { ng: 'refused', wr: 'timeout', err: 'dns_failed', unknown: 'overload' } as const

/** What a check found `minutes` ago on a line: one outage, line B's own trouble, a single failure, our own. */
function found(minutes: number, line: string): Result['status'] {
  if (minutes <= 11) return 'ng'
  if (minutes > 1700 && minutes < 2300 && line === 'b') return 'wr'
  if (minutes > 4000 && minutes < 4100) return 'ng'
  if (minutes > 7000 && minutes < 7060) return 'unknown'
  if (minutes > 8800 && minutes < 8850) return 'err'
  return minutes % 3001 === 1 ? 'wr' : 'ok'
}

/** Ten days of monitor 2, every 5 minutes over a and b in turn, but for a pause. */
export function results(from: number, to: number): Result[] {
  const all: Result[] = []
  for (let minutes = 14_400; minutes >= 1; minutes -= 5) {
    const at = NOW - minutes * MINUTE
    if (at < from || at >= to || (minutes > 5400 && minutes < 6200)) continue
    const line = (minutes / 5) % 2 < 1 ? 'a' : 'b'
    const s = found(minutes, line)
    const wave = Math.sin(minutes / 300) * 1800 + ((minutes * 7919) % 1300)
    all.push({ checked_at: iso(at), line, address: '203.0.113.7', status: s, reason: s === 'ok' ? 'connected' : reasonOf[s], rtt_us: s === 'ok' ? Math.round((line === 'a' ? 11_000 : 17_500) + wave) : null })
  }
  return all
}

const incident = (id: number, start: number, end: number | null): S['Incident'] => ({
  id, monitor_id: 2, host: web.host, host_display: web.host, label: web.label, service: 'http', started_at: ago(start), confirmed_at: ago(start - 5), ended_at: end === null ? null : ago(end),
  observed_until: null, cause: 'refused', lines: ['a', 'b'], mailed_at: ago(start - 5.5),
})

const trip = (line: string | null, base: number): S['RoundTrip'] => ({ line, count: line ? 1300 : 2600, avg_us: base, p50_us: base - 120, p95_us: base + 2300 })

export const report: S['Report'] = {
  monitor: pick(2), from: iso(NOW - 9.5 * 1440 * MINUTE), to: iso(NOW), time_zone: 'Asia/Tokyo', interval_seconds: 300,
  up_seconds: 762_600, down_seconds: 6_360, unknown_seconds: 3_300, not_watched_seconds: 48_000, uptime_pct: 99.17, coverage_pct: 99.57, unconfirmed_failures: 4,
  round_trip: trip(null, 14_400), lines: [trip('a', 11_600), trip('b', 18_100)], incidents: [incident(8, 4095, 4000), incident(9, 11, null)],
}

export const probe: S['ProbeResponse'] = {
  monitor_id: 2,
  lines: [
    { line: 'a', label: '回線A', checked_at: iso(NOW), status: 'ng', reason: 'refused', rtt_us: null, address: '203.0.113.7' },
    { line: 'b', label: '回線B', checked_at: iso(NOW), status: 'wr', reason: 'timeout', rtt_us: null, address: '203.0.113.7' },
  ],
}
