/** What operators do, on an installation that takes people by invitation and watches hosts of one country. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DESK, launch, overflow, PHONE, visit, type Visit } from './browser'
import { tinyCountryDb } from './country-db'
import { Mailbox } from './mail'
import { SETUP_CODE, startHinomi, type Hinomi } from './server'

const OWNER = { email: 'owner@example.jp', password: 'correct horse battery' }
const GUEST = { email: 'guest@example.com', password: 'staple battery horse' }

const CODE = /: (\d{3} \d{3})/
/** Of a host whose country nobody knows here; it is refused, so nothing is ever sent there. */
const ABROAD = '8.8.8.8'
/** Registered and never sent anything, since it is not shown whose it is. */
const UNPROVEN = '9.9.9.9'

let dir: string
let hinomi: Hinomi
let browser: Browser
let owner: Visit
let guest: Visit

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'hinomi-country-'))
  const countries = join(dir, 'countries.mmdb')
  writeFileSync(countries, tinyCountryDb(Math.floor(Date.now() / 1000)))
  hinomi = await startHinomi({ HINOMI_REGISTRATION: 'invite', HINOMI_TARGET_POLICY: 'public', HINOMI_ALLOWED_COUNTRIES: 'JP', HINOMI_COUNTRY_DB: countries, HINOMI_REQUIRE_PROOF: 'always' })
  browser = await launch()
  owner = await visit(browser, 'en', DESK)
  guest = await visit(browser, 'ja', PHONE)
})

// What failed to start is undefined here, whatever the types say.
afterAll(async () => {
  await (browser as Browser | undefined)?.close()
  await (hinomi as Hinomi | undefined)?.stop()
  rmSync(dir, { recursive: true, force: true })
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
    const mails = await Mailbox.open(hinomi.url, OWNER)
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
    await page.getByLabel('6桁のコード').fill(await mails.find(GUEST.email, CODE))
    await fits(page)
    await page.keyboard.press('Enter')
    await seen(page, 'まだ何も監視していません。')
    expect(complaints(guest, [/403/])).toEqual([])

    await owner.page.reload()
    await owner.page.getByRole('listitem').filter({ hasText: GUEST.email }).filter({ hasText: 'used' }).waitFor()
    await button(owner.page, `Delete: ${GUEST.email}`).click()
    await seen(owner.page, 'Nobody has been invited.')
    expect(complaints(owner)).toEqual([])
  })
})

describe('settings', () => {
  it('hold at once: an announcement is on every page', async () => {
    const { page } = owner
    await page.getByRole('link', { name: 'Settings', exact: true }).click()
    const stop = page.getByLabel('Failures in a row that stop a monitor')
    await stop.fill('1')
    await page.getByLabel('Announcement in Japanese').fill('明日3時から点検します。')
    await button(page, 'Save').click()
    await seen(page, 'This number is out of range.')
    await stop.fill('9')
    await button(page, 'Save').click()
    await seen(page, 'Saved')
    await page.getByRole('region', { name: 'Announcement' }).getByText('明日3時から点検します。').waitFor()
    await fits(page)
    const stranger = await browser.newContext({ locale: 'en' })
    const open = await stranger.newPage()
    await open.goto(`${hinomi.url}/sign-in`)
    await seen(open, '明日3時から点検します。')
    await stranger.close()
    await page.reload()
    expect(await stop.inputValue()).toBe('9')
    await page.getByLabel('Announcement in Japanese').fill('')
    await button(page, 'Save').click()
    await page.getByRole('region', { name: 'Announcement' }).waitFor({ state: 'detached' })
    expect(complaints(owner, [/422/])).toEqual([])
  })
})

describe('terms', () => {
  it('are published by version', async () => {
    const { page } = owner
    await page.getByRole('link', { name: 'Terms', exact: true }).click()
    await seen(page, 'in force')
    await page.getByLabel('In force from').fill('2020-01-01')
    await page.getByLabel('Both languages say the same.').check()
    await button(page, 'Publish').click()
    await seen(page, 'Today or later (UTC), and within a year.')
    const soon = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10)
    await page.getByLabel('In force from').fill(soon)
    await button(page, 'Publish').click()
    await seen(page, `Version ${soon} is published.`)
    await page.getByRole('listitem').filter({ hasText: soon }).filter({ hasText: 'comes into force' }).waitFor()
    await fits(page)
    expect(complaints(owner, [/422/])).toEqual([])
  })
})

describe('accounts', () => {
  it('are found, and given more room', async () => {
    const { page } = owner
    await fromMenu(page, 'Operator')
    await page.getByLabel('Part of the address, or an id').fill('guest@')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: OWNER.email }).waitFor({ state: 'detached' })
    await page.getByRole('link', { name: GUEST.email }).click()
    await page.getByLabel('Servers', { exact: true }).fill('21')
    await button(page, 'Save').click()
    await seen(page, '0 of 21 now')
    await fits(page)
    await guest.page.goto(`${hinomi.url}/targets/new`)
    await seen(guest.page, 'サーバー 0/21台')
    expect(complaints(owner)).toEqual([])
    expect(complaints(guest)).toEqual([])
  })

  it('are looked at for a reason that their owner reads', async () => {
    const { page } = owner
    await button(page, 'Look at it').click()
    await page.getByLabel('Reason').fill('asked for help by phone')
    await button(page, 'Look at the account').click()
    await seen(page, `You are looking at the account of ${GUEST.email}.`)
    await seen(page, 'Nothing is watched yet.')
    await page.getByRole('link', { name: 'Contacts' }).click()
    await button(page, `Remove: ${GUEST.email}`).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await seen(page, 'nothing of it can be changed.')
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await fits(page)
    await button(page, 'Leave it').click()
    await page.getByRole('link', { name: GUEST.email }).waitFor()
    expect(await page.getByText('You are looking at').count()).toBe(0)
    await guest.page.goto(`${hinomi.url}/settings/audit`)
    await seen(guest.page, 'アカウントの閲覧')
    await seen(guest.page, 'asked for help by phone')
    await fits(guest.page)
    expect(complaints(owner, [/403/])).toEqual([])
    expect(complaints(guest)).toEqual([])
  })

  it('are shut out, and let in again', async () => {
    const { page } = owner
    await page.getByRole('link', { name: GUEST.email }).click()
    await button(page, 'Disable').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click()
    await button(page, 'Enable').waitFor()
    await guest.page.getByRole('dialog').waitFor({ timeout: 20_000 })
    await guest.page.getByRole('dialog').getByLabel('パスワード').fill(GUEST.password)
    await guest.page.keyboard.press('Enter')
    await seen(guest.page, 'このアカウントは停止されています。')
    await button(page, 'Enable').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Enable' }).click()
    await button(page, 'Disable').waitFor()
    await guest.page.keyboard.press('Enter')
    await guest.page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(complaints(owner)).toEqual([])
    expect(complaints(guest, [/40[13]/])).toEqual([])
  })
})

describe('hosts', () => {
  it('are asked for where their country is not known', async () => {
    const { page } = guest
    await page.goto(`${hinomi.url}/targets/new`)
    await seen(page, 'サーバー 0/21台')
    expect(await page.getByLabel('そのほかのTCPポート').count()).toBe(0)
    await page.getByRole('textbox', { name: 'ホスト' }).fill(ABROAD)
    await page.getByLabel(/所有または管理/).check()
    await button(page, '監視を始める').click()
    await seen(page, 'どの国にあるか分からないため登録できません。')
    await page.getByLabel('理由').fill('本社のサーバーです。')
    await fits(page)
    await button(page, '依頼する').click()
    await seen(page, '依頼しました。')
    expect(complaints(guest, [/422/])).toEqual([])
  })

  it('are allowed by name, and no more', async () => {
    const { page } = owner
    await page.getByRole('link', { name: 'Hosts' }).click()
    await page.getByRole('listitem').filter({ hasText: ABROAD }).filter({ hasText: '本社のサーバーです。' }).waitFor()
    await fits(page)
    await button(page, `Drop: ${ABROAD}`).click()
    await seen(page, 'Nobody asks.')
    const host = page.getByRole('textbox', { name: 'Host', exact: true })
    await host.fill('not a host')
    await button(page, 'Allow this host').click()
    await seen(page, 'Enter a name such as www.example.jp')
    await host.fill('abroad.example.com')
    await button(page, 'Allow this host').click()
    await button(page, 'Take back: abroad.example.com').click()
    await seen(page, 'No host is allowed by name.')
    await page.getByLabel('Exactly this host').fill('abroad.example.com')
    await page.keyboard.press('Enter')
    await seen(page, 'Nobody watches abroad.example.com.')
    expect(complaints(owner, [/422/])).toEqual([])
  })

  it('behind shared networks are refused', async () => {
    const { page } = owner
    await page.getByLabel('Networks').fill('198.51.100.0/24 Example CDN\n\n8.8.0.0/15 Wrong bits\n8.8.8.8')
    const save = page.locator('form').filter({ has: page.getByLabel('Networks') }).getByRole('button', { name: 'Save' })
    await save.click()
    await seen(page, 'Line 3: The name is missing.')
    await page.getByLabel('Networks').fill('8.8.8.0/24 Example CDN')
    await save.click()
    await seen(page, 'Saved')
    await page.getByRole('textbox', { name: 'Host', exact: true }).fill(ABROAD)
    await button(page, 'Allow this host').click()
    await button(page, `Take back: ${ABROAD}`).waitFor()
    await fits(page)
    await guest.page.goto(`${hinomi.url}/targets/new`)
    await guest.page.getByRole('textbox', { name: 'ホスト' }).fill(ABROAD)
    await guest.page.getByLabel(/所有または管理/).check()
    await button(guest.page, '監視を始める').click()
    await seen(guest.page, '多くの人が共用するネットワーク')
    expect(complaints(guest, [/422/])).toEqual([])
    await page.getByRole('link', { name: 'Lines' }).click()
    await seen(page, '192.0.2.10')
    expect(complaints(owner, [/422/])).toEqual([])
  })

  it('are not watched before they are shown to be one’s own', async () => {
    const { page } = guest
    await owner.page.getByRole('link', { name: 'Hosts' }).click()
    await owner.page.getByRole('textbox', { name: 'Host', exact: true }).fill(UNPROVEN)
    await button(owner.page, 'Allow this host').click()
    await button(owner.page, `Take back: ${UNPROVEN}`).waitFor()
    await page.goto(`${hinomi.url}/targets/new`)
    await page.getByRole('textbox', { name: 'ホスト' }).fill(UNPROVEN)
    await page.getByLabel(/所有または管理/).check()
    await button(page, '監視を始める').click()
    await seen(page, '所有の確認が済むまで、このサーバーは監視されません。')
    await seen(page, `http://${UNPROVEN}/.well-known/hinomi-`)
    expect(await page.getByText('DNSのTXTレコード').count()).toBe(0) // an address has no name to put it at
    await fits(page)
    await page.getByText('ほかのTCPポートを監視する').click()
    await page.getByLabel('TCPポート', { exact: true }).fill('8443')
    await button(page, 'このポートを監視').click()
    await seen(page, '先に、サーバーのページの「所有の確認」を済ませてください。')
    await owner.page.getByLabel('Exactly this host').fill(UNPROVEN)
    await owner.page.keyboard.press('Enter')
    await button(owner.page, `Release: ${UNPROVEN} ${GUEST.email}`).click()
    await owner.page.getByRole('dialog').getByRole('button', { name: 'Release' }).click()
    await seen(owner.page, 'has lost the host; stopped')
    await fits(owner.page)
    expect(complaints(owner)).toEqual([])
    expect(complaints(guest, [/403/])).toEqual([])
  })
})
