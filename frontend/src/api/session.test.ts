// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError, Session } from '@/api/session'

interface Answer {
  status: number
  body?: unknown
  headers?: Record<string, string>
}

const token = (name: string): Answer => ({ status: 200, body: { access_token: name, token_type: 'Bearer', expires_in: 900 } })
const refused: Answer = { status: 401, body: { code: 'unauthenticated', status: 401, title: '', type: '' } }

const WHO = { email: 'a@example.jp', password: 'secret' }

/** A server whose answers are a function of path and bearer. */
function serve(answer: (path: string, bearer: string | null) => Answer) {
  const calls: string[] = []
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    const path = url.replace('/api/v1', '')
    calls.push(path)
    const { status, body, headers = {} } = answer(path, new Headers(init.headers).get('Authorization'))
    return Promise.resolve(new Response(status === 204 ? null : JSON.stringify(body), { status, headers }))
  })
  return calls
}

beforeEach(() => {
  localStorage.clear()
})

describe('Session', () => {
  it('asks nothing of the server when nobody signed in here', async () => {
    const calls = serve(() => refused)
    expect(await new Session().refresh()).toBe(false)
    expect(calls).toEqual([])
  })

  it('gets one new token for many calls and repeats them', async () => {
    const calls = serve((path, bearer) => {
      if (path === '/auth/login') return token('old')
      if (path === '/auth/refresh') return token('new')
      return bearer === 'Bearer new' ? { status: 200, body: { path } } : refused
    })
    const session = new Session()
    await session.signIn(WHO)
    const got = await Promise.all([session.call('/me'), session.call('/status'), session.call('/lines')])
    expect(got).toEqual([{ path: '/me' }, { path: '/status' }, { path: '/lines' }])
    expect(calls.filter((c) => c === '/auth/refresh')).toHaveLength(1)
  })

  it('tells once when the session is over', async () => {
    serve((path) => (path === '/auth/login' ? token('old') : refused))
    const ended = vi.fn()
    const session = new Session()
    session.subscribe(ended)
    await session.signIn(WHO)
    await expect(Promise.all([session.call('/me'), session.call('/status')])).rejects.toMatchObject({ status: 401 })
    expect(ended).toHaveBeenCalledTimes(1)
    expect(session.over).toBe(true)
    expect(session.signedIn).toBe(false)
  })

  it('asks the server nothing while it is over, and goes on after the next sign-in', async () => {
    let living = true
    const calls = serve((path) => (path === '/auth/login' ? token('new') : living ? { status: 200, body: {} } : refused))
    const session = new Session()
    await session.signIn(WHO)
    living = false
    await expect(session.call('/me')).rejects.toMatchObject({ status: 401 })
    const before = calls.length
    await expect(session.call('/status')).rejects.toMatchObject({ status: 401, code: 'unauthenticated' })
    expect(calls).toHaveLength(before)
    living = true
    await session.signIn(WHO)
    expect(session.over).toBe(false)
    await expect(session.call('/status')).resolves.toEqual({})
  })

  it('does not take a failing server for a session that is over', async () => {
    serve((path, bearer) => (path === '/auth/login' ? token('old') : path === '/auth/refresh' ? { status: 503, body: { code: 'unavailable' } } : bearer ? refused : refused))
    const ended = vi.fn()
    const session = new Session()
    session.subscribe(ended)
    await session.signIn(WHO)
    await expect(session.call('/me')).rejects.toMatchObject({ status: 503, code: 'unavailable' })
    expect(ended).not.toHaveBeenCalled()
    expect(session.signedIn).toBe(true)
  })

  it('forgets the token on signing out even when the server is away', async () => {
    serve((path) => (path === '/auth/login' ? token('old') : { status: 502 }))
    const session = new Session()
    await session.signIn(WHO)
    await expect(session.signOut()).rejects.toBeInstanceOf(ApiError)
    expect(session.signedIn).toBe(false)
    expect(await session.refresh()).toBe(false)
  })

  it('tells how long to wait where the server says so', async () => {
    serve(() => ({ status: 429, body: { code: 'too_many_requests' }, headers: { 'Retry-After': '90' } }))
    await expect(new Session().plain('/auth/resend')).rejects.toMatchObject({ code: 'too_many_requests', wait: 90 })
  })

  it('fetches a file with the token', async () => {
    serve((path, bearer) => (path === '/auth/login' ? token('one') : bearer === 'Bearer one' ? { status: 200, body: 'zipped' } : refused))
    const session = new Session()
    await session.signIn(WHO)
    expect((await session.file('/me/export')).size).toBe(JSON.stringify('zipped').length)
  })

  it('looks at another account until its token ends, and is itself again then', async () => {
    let open = true
    serve((path, bearer) => {
      if (path === '/auth/login') return token('own')
      if (bearer === 'Bearer other') return open ? { status: 200, body: 'other' } : refused
      return bearer === 'Bearer own' ? { status: 200, body: 'own' } : refused
    })
    const session = new Session()
    await session.signIn(WHO)
    const told = vi.fn()
    session.subscribe(told)
    session.open({ access_token: 'other', expires_in: 3600 })
    expect(session.guest).toBe(true)
    await expect(session.call('/me')).resolves.toBe('other')
    open = false
    await expect(session.call('/me')).rejects.toMatchObject({ status: 401 })
    expect([session.guest, session.over]).toEqual([false, false])
    await expect(session.call('/me')).resolves.toBe('own')
    expect(told).toHaveBeenCalledTimes(2)
  })

  it('keeps what is wrong with the input', async () => {
    serve(() => ({ status: 422, body: { code: 'invalid_input', errors: [{ field: 'host', code: 'host_syntax', message: '' }] } }))
    await expect(new Session().plain('/targets')).rejects.toMatchObject({ code: 'invalid_input', fields: [{ field: 'host', code: 'host_syntax' }] })
  })
})
