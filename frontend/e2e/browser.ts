import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

export function launch(): Promise<Browser> {
  const found = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((p) => p && existsSync(p))
  if (!found) throw new Error('no browser: install chromium, or name one in CHROMIUM')
  return chromium.launch({ executablePath: found, args: ARGS })
}

export interface Size {
  width: number
  height: number
}

export const PHONE: Size = { width: 360, height: 740 }
export const DESK: Size = { width: 1440, height: 900 }

export interface Visit {
  context: BrowserContext
  page: Page
  /** What the browser complained of: policy violations, errors, failed requests. */
  complaints: string[]
}

/** A browser profile of its own, whose complaints are kept. */
export async function visit(browser: Browser, locale: 'ja' | 'en', viewport: Size): Promise<Visit> {
  const context = await browser.newContext({ locale: locale === 'ja' ? 'ja-JP' : 'en-GB', timezoneId: 'Asia/Tokyo', viewport, acceptDownloads: true })
  const complaints: string[] = []
  context.setDefaultTimeout(15_000)
  await context.exposeFunction('hinomiComplain', (text: string) => complaints.push(text))
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (e) => {
      // The function was exposed above.
      void (window as unknown as { hinomiComplain: (t: string) => Promise<void> }).hinomiComplain(`policy: ${e.violatedDirective} ${e.blockedURI}`)
    })
  })
  const page = await context.newPage()
  context.on('weberror', (e) => complaints.push(`exception: ${e.error().message}`))
  context.on('console', (m) => {
    if (m.type() === 'error' || m.type() === 'warning') complaints.push(`console: ${m.text()} ${m.location().url}`)
  })
  return { context, page, complaints }
}

/** Nothing may stick out of the window. */
export async function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}
