import { infiniteQueryOptions, queryOptions, type QueryClient } from '@tanstack/react-query'
import type { Client } from '@/api/client'
import type { MailState, Result } from '@/domain/types'
import type { Day } from '@/lib/zone'

/** A list that is read page by page. */
const paged = { initialPageParam: undefined as string | undefined, getNextPageParam: (page: { next_cursor: string | null }) => page.next_cursor ?? undefined }

/** How often what is on the page is asked for again, in milliseconds. */
export const LIVE = 5_000

/** After adding a target: until its first results are there. */
export const EAGER = 1_000

/** Queries that say how old the page is (see the shell's sign). */
const live = { refetchInterval: LIVE, meta: { live: true } } as const

export const keys = {
  me: ['me'],
  sessions: ['me', 'sessions'],
  tokens: ['me', 'tokens'],
  totp: ['me', 'totp'],
  audit: ['me', 'audit'],
  accounts: ['operator', 'accounts'],
  account: (id: number) => ['operator', 'accounts', id],
  accountQuotas: (id: number) => ['operator', 'accounts', id, 'quotas'],
  operatorAudit: (account: number | undefined) => ['operator', 'audit', account ?? 'all'],
  status: ['status'],
  targets: ['targets'],
  target: (id: number) => ['targets', id],
  monitor: (id: number) => ['monitors', id],
  report: (id: number) => ['monitors', id, 'report'],
  results: (id: number, from: number) => ['monitors', id, 'results', from],
  contacts: ['contacts'],
  contactMails: (id: number) => ['contacts', id, 'mails'],
  lines: ['lines'],
  mails: ['operator', 'mails'],
  invites: ['operator', 'invites'],
  operatorLines: ['operator', 'lines'],
  operatorSettings: ['operator', 'settings'],
  hostRequests: ['operator', 'requests'],
  allowedHosts: ['operator', 'allowed'],
  collisions: ['operator', 'collisions'],
  sharedNetworks: ['operator', 'networks'],
  claimedTargets: (host: string) => ['operator', 'targets', host],
  service: ['service'],
  terms: ['terms'],
} as const

export const queries = {
  service: (c: Client) => queryOptions({ queryKey: keys.service, queryFn: () => c.service(), refetchInterval: 60_000 }),
  terms: (c: Client) => queryOptions({ queryKey: keys.terms, queryFn: () => c.terms(), staleTime: Infinity }),
  me: (c: Client) => queryOptions({ queryKey: keys.me, queryFn: ({ signal }) => c.me(signal), refetchInterval: LIVE }),
  sessions: (c: Client) => queryOptions({ queryKey: keys.sessions, queryFn: ({ signal }) => c.sessions(signal) }),
  totp: (c: Client) => queryOptions({ queryKey: keys.totp, queryFn: ({ signal }) => c.totp(signal) }),
  tokens: (c: Client) => queryOptions({ queryKey: keys.tokens, queryFn: ({ signal }) => c.tokens(signal) }),
  status: (c: Client) => queryOptions({ queryKey: keys.status, queryFn: ({ signal }) => c.status(signal), ...live }),
  lines: (c: Client) => queryOptions({ queryKey: keys.lines, queryFn: ({ signal }) => c.lines(signal), refetchInterval: 60_000 }),
  contacts: (c: Client) => queryOptions({ queryKey: keys.contacts, queryFn: ({ signal }) => c.contacts(signal), ...live }),
  contactMails: (c: Client, id: number) => queryOptions({ queryKey: keys.contactMails(id), queryFn: ({ signal }) => c.contactMails(id, signal), refetchInterval: LIVE }),
  mails: (c: Client, state: MailState) => infiniteQueryOptions({ queryKey: [...keys.mails, state], queryFn: ({ pageParam, signal }) => c.mails(state, pageParam, signal), ...paged, ...live }),
  audit: (c: Client) => infiniteQueryOptions({ queryKey: keys.audit, queryFn: ({ pageParam, signal }) => c.audit(pageParam, signal), ...paged }),
  accounts: (c: Client, filter: { q?: string; role?: string; disabled?: number }) =>
    infiniteQueryOptions({ queryKey: [...keys.accounts, 'all', filter], queryFn: ({ pageParam, signal }) => c.accounts(filter, pageParam, signal), ...paged }),
  account: (c: Client, id: number) => queryOptions({ queryKey: keys.account(id), queryFn: ({ signal }) => c.account(id, signal) }),
  accountQuotas: (c: Client, id: number) => queryOptions({ queryKey: keys.accountQuotas(id), queryFn: ({ signal }) => c.accountQuotas(id, signal) }),
  operatorAudit: (c: Client, account: number | undefined) =>
    infiniteQueryOptions({ queryKey: keys.operatorAudit(account), queryFn: ({ pageParam, signal }) => c.operatorAudit(account, pageParam, signal), ...paged }),
  operatorLines: (c: Client) => queryOptions({ queryKey: keys.operatorLines, queryFn: ({ signal }) => c.operatorLines(signal), ...live }),
  operatorSettings: (c: Client) => queryOptions({ queryKey: keys.operatorSettings, queryFn: ({ signal }) => c.operatorSettings(signal) }),
  invites: (c: Client) => queryOptions({ queryKey: keys.invites, queryFn: ({ signal }) => c.invites(signal) }),
  hostRequests: (c: Client) => queryOptions({ queryKey: keys.hostRequests, queryFn: ({ signal }) => c.hostRequests(signal), ...live }),
  allowedHosts: (c: Client) => queryOptions({ queryKey: keys.allowedHosts, queryFn: ({ signal }) => c.allowedHosts(signal) }),
  collisions: (c: Client) => queryOptions({ queryKey: keys.collisions, queryFn: ({ signal }) => c.collisions(signal) }),
  sharedNetworks: (c: Client) => queryOptions({ queryKey: keys.sharedNetworks, queryFn: ({ signal }) => c.sharedNetworks(signal) }),
  claimedTargets: (c: Client, host: string) => queryOptions({ queryKey: keys.claimedTargets(host), queryFn: ({ signal }) => c.claimedTargets(host, signal), enabled: host !== '', retry: false }),
  targets: (c: Client) =>
    infiniteQueryOptions({
      queryKey: keys.targets,
      queryFn: ({ pageParam, signal }) => c.targets(pageParam, signal),
      ...paged,
      ...live,
    }),
  target: (c: Client, id: number) => queryOptions({ queryKey: keys.target(id), queryFn: ({ signal }) => c.target(id, signal), ...live }),
  monitor: (c: Client, id: number) => queryOptions({ queryKey: keys.monitor(id), queryFn: ({ signal }) => c.monitor(id, signal), ...live }),
  report: (c: Client, id: number) => queryOptions({ queryKey: keys.report(id), queryFn: ({ signal }) => c.report(id, signal), refetchInterval: 30_000 }),

  /** A day's results; of a day that is not over only the new ones are asked for again. */
  results: (c: Client, q: QueryClient, id: number, day: Day, now: number) => {
    const queryKey = keys.results(id, day.from)
    const over = day.to + 60_000 < now
    return queryOptions({
      queryKey,
      queryFn: async ({ signal }): Promise<Result[]> => {
        const known = q.getQueryData<Result[]>(queryKey) ?? []
        const last = known.at(-1)
        const from = last ? Date.parse(last.checked_at) + 1 : day.from
        const fresh = await c.results(id, new Date(from).toISOString(), new Date(day.to).toISOString(), signal)
        return fresh.length ? [...known, ...fresh] : known
      },
      structuralSharing: false,
      staleTime: over ? Infinity : 0,
      refetchInterval: over ? false : LIVE,
    })
  },
}
