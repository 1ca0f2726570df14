import type { components } from '@/api/generated/schema'

type Schemas = components['schemas']
type LoginRequest = Schemas['LoginRequest']
type TokenResponse = Schemas['TokenResponse']

/** Why a call failed. `status` 0: the server was not reached. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly fields: readonly { field: string; code: string }[]
  /** What shows that a host is one's own, of `host_taken`. */
  readonly proof: Schemas['ProofTask'] | null
  /** The bound that is reached, of `too_many`. */
  readonly quota: { name: string; limit: number } | null
  /** The version to accept, of `terms_changed`. */
  readonly terms: string | null
  /** Seconds until the same may be asked again, where the server says. */
  readonly wait: number | null

  constructor(status: number, code: string, { fields = [], quota = null, proof = null, terms = null, wait = null }: Details = {}) {
    super(`${status} ${code}`)
    this.status = status
    this.code = code
    this.fields = fields
    this.quota = quota
    this.proof = proof
    this.terms = terms
    this.wait = wait
  }
}

interface Details {
  fields?: readonly { field: string; code: string }[]
  quota?: { name: string; limit: number } | null
  proof?: Schemas['ProofTask'] | null
  terms?: string | null
  wait?: number | null
}

export interface Call {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  body?: unknown
  signal?: AbortSignal | undefined
  /** What is wanted; JSON unless stated. */
  accept?: string
}

interface Access {
  token: string
  /** Milliseconds since 1970. */
  until: number
}

/** Refusals of what was sent along, such as a wrong code: the session itself goes on. */
const KEPT: ReadonlySet<string> = new Set(['totp_required', 'totp_wrong'])

/** Remembers that there may be a session to continue: the cookie itself cannot be seen. */
const HINT = 'hinomi.session'

/** Ask for a new access token this long before the old one ends, in milliseconds. */
const EARLY = 30_000

/**
 * Session holds the access token, in memory only; the refresh token is a cookie that scripts cannot read.
 * Of several calls that need a new token one asks, over all tabs.
 */
export class Session {
  private access: Access | null = null
  /** Another account's, opened by an operator to read. */
  private opened: Access | null = null
  private refreshing: Promise<boolean> | null = null
  private ended = false
  private readonly listeners = new Set<() => void>()

  get signedIn(): boolean {
    return this.access !== null
  }

  /** A session that was there ended without signing out; the page stays as it is until somebody signs in again. */
  get over(): boolean {
    return this.ended
  }

  /** Another account is looked at, by its own token; the session itself goes on. */
  get guest(): boolean {
    return this.opened !== null
  }

  /** From now on calls are made by this token, until `close`. It is in memory only: a reload ends it. */
  open(t: { access_token: string; expires_in: number }): void {
    this.opened = taken(t)
    this.told()
  }

  close(): void {
    this.opened = null
    this.told()
  }

  /** `listener` is told whenever `over` or `guest` changes. Answers how to stop that. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => {
      this.listeners.delete(listener)
    }
  }

  async signIn(body: LoginRequest): Promise<void> {
    this.take((await this.plain('/auth/login', { method: 'POST', body })) as TokenResponse)
  }

  async signOut(): Promise<void> {
    try {
      await this.plain('/auth/logout', { method: 'POST' })
    } finally {
      this.forget()
    }
  }

  /** The account is gone or the person left: nothing is continued. */
  forget(): void {
    this.access = null
    this.opened = null
    this.ended = false
    hint(false)
    this.told()
  }

  /** Continues the session of the cookie, if there is one. */
  refresh(): Promise<boolean> {
    if (!this.access && !hinted()) return Promise.resolve(false)
    this.refreshing ??= this.locked().finally(() => {
      this.refreshing = null
    })
    return this.refreshing
  }

  /** Calls the API as the signed-in person. */
  call(path: string, call: Call = {}): Promise<unknown> {
    return this.asPerson((token) => this.plain(path, call, token))
  }

  /** Fetches a file as the signed-in person. */
  async file(path: string): Promise<Blob> {
    const response = await this.asPerson((token) => exchange(path, { accept: '*/*' }, token))
    return response.blob()
  }

  /** Calls the API as anybody. */
  async plain(path: string, call: Call = {}, token?: string): Promise<unknown> {
    const response = await exchange(path, call, token)
    const text = await response.text() // nothing at all in 202 and 204
    return text ? (JSON.parse(text) as unknown) : undefined
  }

  /** Does something with a token, and once more with a new one where the old has ended. */
  private async asPerson<T>(act: (token: string | undefined) => Promise<T>): Promise<T> {
    if (this.opened) return this.asGuest(this.opened, act)
    if (!this.access) {
      if (!(await this.refresh())) throw new ApiError(401, 'unauthenticated')
    } else if (Date.now() > this.access.until - EARLY) await this.refresh()
    const used = this.access?.token
    try {
      return await act(used)
    } catch (e) {
      if (!(e instanceof ApiError) || e.status !== 401 || KEPT.has(e.code)) throw e
      // Another call may have got a new token meanwhile.
      if (this.access && this.access.token !== used) return act(this.access.token)
      if (!(await this.refresh())) throw e
      return act(this.access?.token)
    }
  }

  /** Reads another account. When its token ends, so does the look at it. */
  private async asGuest<T>({ token, until }: Access, act: (token: string) => Promise<T>): Promise<T> {
    try {
      if (Date.now() > until) throw new ApiError(401, 'unauthenticated')
      return await act(token)
    } catch (e) {
      if (e instanceof ApiError && e.status === 401) this.close()
      throw e
    }
  }

  private async locked(): Promise<boolean> {
    // Missing on plain http; there the server's grace for the token before covers two tabs.
    const locks = (navigator as Partial<Navigator>).locks
    return locks ? await locks.request('hinomi-refresh', async () => await this.renew()) : this.renew()
  }

  private async renew(): Promise<boolean> {
    try {
      this.take((await this.plain('/auth/refresh', { method: 'POST' })) as TokenResponse)
      return true
    } catch (e) {
      if (!(e instanceof ApiError) || e.status !== 401) throw e
      hint(false)
      if (this.access) {
        this.access = null
        this.tell(true)
      }
      return false
    }
  }

  private take(t: TokenResponse): void {
    this.access = taken(t)
    hint(true)
    this.tell(false)
  }

  private tell(ended: boolean): void {
    if (this.ended === ended) return
    this.ended = ended
    this.told()
  }

  private told(): void {
    for (const listener of this.listeners) listener()
  }
}

function taken(t: { access_token: string; expires_in: number }): Access {
  return { token: t.access_token, until: Date.now() + t.expires_in * 1000 }
}

/** One call; what is not a success is thrown. */
async function exchange(path: string, { method = 'GET', body, signal, accept = 'application/json' }: Call, token?: string): Promise<Response> {
  const headers = new Headers({ Accept: accept })
  if (body !== undefined) headers.set('Content-Type', 'application/json')
  if (token) headers.set('Authorization', `Bearer ${token}`)
  const init: RequestInit = { method, headers, credentials: 'same-origin' }
  if (body !== undefined) init.body = JSON.stringify(body)
  if (signal) init.signal = signal
  let response: Response
  try {
    response = await fetch(`/api/v1${path}`, init)
  } catch (e) {
    if (signal?.aborted) throw e
    throw new ApiError(0, 'unreachable')
  }
  if (!response.ok) throw await problem(response)
  return response
}

async function problem(response: Response): Promise<ApiError> {
  // We answer seconds, never a date.
  const wait = Number(response.headers.get('Retry-After')) || null
  try {
    const p = (await response.json()) as Schemas['Problem']
    return new ApiError(response.status, p.code, { fields: p.errors ?? [], quota: p.quota ?? null, proof: p.proof ?? null, terms: p.terms_version ?? null, wait })
  } catch {
    return new ApiError(response.status, 'internal', { wait }) // a proxy's answer, not ours
  }
}

function hinted(): boolean {
  try {
    return localStorage.getItem(HINT) !== null
  } catch {
    return true // storage is forbidden: ask
  }
}

function hint(signedIn: boolean): void {
  try {
    if (signedIn) localStorage.setItem(HINT, '1')
    else localStorage.removeItem(HINT)
  } catch {
    // storage is forbidden: the server is asked at each start
  }
}
