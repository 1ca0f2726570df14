/** What operators do, on an installation that takes people by invitation. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DESK, launch, overflow, PHONE, visit, type Visit } from './browser'
import { SETUP_CODE, startHinomi, type Hinomi } from './server'

const OWNER = { email: 'owner@example.jp', password: 'correct horse battery' }
const GUEST = { email: 'guest@example.com', password: 'staple battery horse' }

let hinomi: Hinomi
let browser: Browser
let owner: Visit
let guest: Visit

beforeAll(async () => {
  hinomi = await startHinomi({ HINOMI_REGISTRATION: 'invite' })
  browser = await launch()
  owner = await visit(browser, 'en', DESK)
  guest = await visit(browser, 'ja', PHONE)
})

// What failed to start is undefined here, whatever the types say.
afterAll(async () => {
  await (browser as Browser | undefined)?.close()
  await (hinomi as Hinomi | undefined)?.stop()
})

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })
const seen = (page: Page, text: string | RegExp, timeout = 10_000) => page.getByText(text).first().waitFor({ timeout })

/** Takes what the browser complained of; `known` are answers that a test asked for. */
function complaints(v: Visit, known: readonly RegExp[] = []): string[] {
  return v.complaints.splice(0).filter((c) => !known.some((k) => k.test(c)))
}

async function fits(page: Page): Promise<void> {
  expect([page.url(), await overflow(page)]).toEqual([page.url(), 0])
}

/** Chooses one of the account menu's pages. */
async function fromMenu(page: Page, name: string): Promise<void> {
  await page.locator('summary').filter({ hasText: 'Account' }).click()
  await page.getByRole('link', { name, exact: true }).click()
}

describe('invitations', () => {
  let link = ''

  it('are made for an address', async () => {
    const { page } = owner
    await page.goto(`${hinomi.url}/setup#code=${SETUP_CODE}`)
    await page.getByLabel('E-mail address').fill(OWNER.email)
    await page.getByLabel('Password', { exact: true }).fill(OWNER.password)
    await page.getByLabel('I accept the terms.').check()
    await button(page, 'Set up').click()
    await seen(page, 'Nothing is watched yet.')
    await fromMenu(page, 'Operator')
    await page.getByRole('link', { name: 'Invitations' }).click()
    await seen(page, 'Only who has an invitation can sign up.')
    await page.getByLabel('For this address only').fill(GUEST.email)
    await button(page, 'Make an invitation').click()
    link = (await page.locator('code').filter({ hasText: '#invite=' }).textContent()) ?? ''
    expect(link).toContain(`${hinomi.url}/sign-up#invite=`)
    await page.getByRole('listitem').filter({ hasText: GUEST.email }).filter({ hasText: 'until' }).waitFor()
    expect(complaints(owner)).toEqual([])
  })

  it('let in who has the link, and nobody else', async () => {
    const { page } = guest
    await page.goto(`${hinomi.url}/sign-up`)
    const fill = async (code?: string) => {
      if (code !== undefined) await page.getByLabel('招待コード').fill(code)
      await page.getByLabel('メールアドレス').fill(GUEST.email)
      await page.getByLabel('パスワード', { exact: true }).fill(GUEST.password)
      await page.getByLabel('利用規約に同意します').check()
      await button(page, '登録').click()
    }
    await fill('not-an-invitation')
    await seen(page, '招待が必要です。')
    await fits(page)
    await page.goto('about:blank')
    await page.goto(link)
    await seen(page, '招待を受けての登録です。')
    await fill()
    await seen(page, GUEST.email)
    await fits(page)
    expect(complaints(guest, [/403/])).toEqual([])

    await owner.page.reload()
    await owner.page.getByRole('listitem').filter({ hasText: GUEST.email }).filter({ hasText: 'used' }).waitFor()
    await button(owner.page, `Delete: ${GUEST.email}`).click()
    await seen(owner.page, 'Nobody has been invited.')
    expect(complaints(owner)).toEqual([])
  })
})

describe('hosts', () => {
  it('are allowed by name, and no more', async () => {
    const { page } = owner
    await page.getByRole('link', { name: 'Hosts' }).click()
    await seen(page, 'Nobody asks.')
    const host = page.getByRole('textbox', { name: 'Host' })
    await host.fill('not a host')
    await button(page, 'Allow this host').click()
    await seen(page, 'Enter a name such as www.example.jp')
    await host.fill('abroad.example.com')
    await button(page, 'Allow this host').click()
    await button(page, 'Take back: abroad.example.com').click()
    await seen(page, 'No host is allowed by name.')
    await page.getByRole('link', { name: 'Lines' }).click()
    await seen(page, '192.0.2.10')
    expect(complaints(owner, [/422/])).toEqual([])
  })
})
