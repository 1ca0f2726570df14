import { mkdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page, Route } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { preview, type PreviewServer } from 'vite'
import { DESK, launch, overflow, PHONE, visit } from './browser'
import * as data from './made-up'

const OUT = resolve(process.env['HINOMI_SCREENSHOTS'] ?? 'screenshots')
const TALLEST = 1700 // px
const LIMIT = 300 * 1024 // bytes

let server: PreviewServer
let browser: Browser

beforeAll(async () => {
  mkdirSync(OUT, { recursive: true })
  server = await preview({ root: fileURLToPath(new URL('..', import.meta.url)), preview: { port: 18149, host: '127.0.0.1' }, logLevel: 'error' })
  browser = await launch()
})

afterAll(async () => {
  await browser.close()
  await server.close()
})

type Scene = 'trouble' | 'well' | 'empty' | 'operator'

function answer(path: string, query: URLSearchParams, locale: 'ja' | 'en', scene: Scene): unknown {
  const list = (items: unknown[]) => ({ items, next_cursor: null })
  switch (path) {
    case '/auth/refresh': return { access_token: 'x', token_type: 'Bearer', expires_in: 900 }
    case '/me': return scene === 'operator' ? { ...data.me(locale), role: 'operator' } : scene === 'empty' ? { ...data.me(locale), verified_contacts: 0, role: 'operator' } : data.me(locale)
    case '/me/totp': return { enabled: false, enabled_at: null, recovery_codes_left: 0 }
    case '/me/audit': return list(data.audit)
    case '/operator/accounts': return list(data.accounts)
    case '/operator/accounts/7': return data.accounts[1]
    case '/operator/accounts/7/quotas': return { account_id: 7, own: { targets: 50, monitors: null, contacts: null }, quotas: { targets: { limit: 50, used: 12 }, monitors: { limit: 100, used: 61 }, contacts: { limit: 5, used: 1 } } }
    case '/operator/audit': return list(data.operatorAudit)
    case '/me/tokens': return list(data.tokens)
    case '/operator/mails': return list(query.get('state') === 'failed' ? data.failedMails : data.mails)
    case '/operator/collisions': return { items: data.collisions }
    case '/operator/shared-networks': return { items: data.networks }
    case '/operator/lines': return { ...list(data.operatorLines), warnings: ['mail_failed', 'country_old'] }
    case '/operator/settings': return { registration: null, stop_after: 6, announcement: null, configured: { registration: 'open', stop_after: 4 } }
    case '/operator/invites': return list(data.invites)
    case '/operator/requests': return list(data.hostRequests)
    case '/operator/targets/allow': return list(data.allowedHosts)
    case '/me/sessions': return list(data.sessions)
    case '/service': return scene === 'empty' ? { ...data.service, mail_mode: 'stored' } : data.service
    case '/terms': return { version: '2026-11-22', current: '2026-11-22', versions: ['2027-01-01', '2026-11-22'], ja: '## このサービスについて\n\n- 監視します。', en: '## What it does\n\n- It watches.' }
    case '/lines': return list(data.lines)
    case '/contacts': return list(data.contacts)
    case '/status': return scene === 'trouble' ? data.status : scene === 'well' ? data.well : { ...data.well, overall: 'empty', counts: { up: 0, down: 0, pending: 0, stopped: 0, paused: 0 }, checked_at: null }
    case '/targets': return list(data.targets)
    case '/targets/1': return data.targets[0]
    case '/targets/4': return data.added
    case '/monitors/2': return data.monitors[1]
    case '/monitors/2/probe': return data.probe
    case '/monitors/2/report': return data.report
    case '/monitors/2/results': return list(data.results(Date.parse(query.get('from') ?? ''), Date.parse(query.get('to') ?? '')))
  }
  throw new Error(`nothing made up for ${path}`)
}

async function open(locale: 'ja' | 'en', scheme: 'light' | 'dark', phone: boolean, scene: Scene): Promise<Page> {
  const { context, page } = await visit(browser, locale, phone ? PHONE : DESK)
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
  await page.clock.setFixedTime(data.NOW)
  await context.addInitScript(() => { localStorage.setItem('hinomi.session', '1') })
  await context.route('**/api/v1/**', async (route: Route) => {
    const url = new URL(route.request().url())
    await route.fulfill({ json: answer(url.pathname.replace('/api/v1', ''), url.searchParams, locale, scene) })
  })
  return page
}

interface Picture {
  name: string
  path: string
  scene: Scene
  before?: (page: Page) => Promise<void>
}

const PICTURES: Picture[] = [
  { name: 'dashboard', path: '/', scene: 'trouble' },
  { name: 'empty', path: '/', scene: 'empty' },
  { name: 'add', path: '/targets/new', scene: 'well' },
  { name: 'first', path: '/targets/4?first=true', scene: 'well' },
  { name: 'target', path: '/targets/1', scene: 'trouble' },
  { name: 'monitor', path: '/monitors/2', scene: 'trouble', before: async (page) => {
    await page.getByRole('button', { name: /Check now|今すぐチェック/ }).click()
    await page.getByText(/not recorded|記録には残しません/).waitFor()
  } },
  { name: 'contacts', path: '/contacts', scene: 'well' },
  { name: 'settings-profile', path: '/settings/profile', scene: 'well' },
  { name: 'settings-password', path: '/settings/password', scene: 'well' },
  { name: 'settings-sessions', path: '/settings/sessions', scene: 'well' },
  { name: 'settings-totp', path: '/settings/totp', scene: 'well' },
  { name: 'settings-tokens', path: '/settings/tokens', scene: 'well' },
  { name: 'settings-audit', path: '/settings/audit', scene: 'well' },
  { name: 'operator-audit', path: '/operator/audit', scene: 'operator' },
  { name: 'settings-data', path: '/settings/data', scene: 'well' },
  { name: 'operator-accounts', path: '/operator/accounts', scene: 'operator' },
  { name: 'operator-account', path: '/operator/accounts/7', scene: 'operator' },
  { name: 'operator-targets', path: '/operator/targets', scene: 'operator' },
  { name: 'operator-mails', path: '/operator/mails', scene: 'operator' },
  { name: 'operator-mails-failed', path: '/operator/mails?state=failed', scene: 'operator' },
  { name: 'operator-invites', path: '/operator/invites', scene: 'operator' },
  { name: 'operator-settings', path: '/operator/settings', scene: 'operator' },
  { name: 'operator-terms', path: '/operator/terms', scene: 'operator' },
  { name: 'operator-lines', path: '/operator/lines', scene: 'operator' },
  { name: 'sign-up', path: '/sign-up', scene: 'well' },
  { name: 'sign-in', path: '/sign-in', scene: 'well' },
  { name: 'setup', path: '/setup#code=1f0c', scene: 'well' },
]

const WANTED = process.env['HINOMI_SCREENS']?.split(',')

it.each(PICTURES.filter((p) => !WANTED || WANTED.includes(p.name)))('takes $name', async ({ name, path, scene, before }) => {
  for (const locale of ['ja', 'en'] as const) {
    for (const scheme of ['light', 'dark'] as const) {
      for (const phone of [false, true]) {
        const page = await open(locale, scheme, phone, scene)
        await page.goto(`http://127.0.0.1:18149${path}`)
        await page.getByRole('heading').first().waitFor()
        await before?.(page)
        await page.waitForLoadState('networkidle')
        const file = join(OUT, `${name}-${locale}-${scheme}-${phone ? 'phone' : 'desk'}.png`)
        const { width, height } = await page.evaluate(() => ({ width: document.documentElement.clientWidth, height: document.documentElement.scrollHeight }))
        await page.screenshot({ path: file, fullPage: true, clip: { x: 0, y: 0, width, height: Math.min(height, TALLEST) } })
        expect([file, await overflow(page)]).toEqual([file, 0])
        expect(statSync(file).size).toBeLessThan(LIMIT)
        await page.context().close()
      }
    }
  }
})
