import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DESK, launch, overflow, PHONE, visit, type Visit } from './browser'
import { SETUP_CODE, startHinomi, type Hinomi } from './server'

/** An address of this machine where nothing listens: PING answers, TCP is refused. */
const HOST = '127.0.0.77'
const OPERATOR = { email: 'ops@example.jp', password: 'correct horse battery' }
const USER = { email: 'reader@example.com', password: 'staple battery horse' }

let hinomi: Hinomi
let browser: Browser
let ja: Visit
let en: Visit

beforeAll(async () => {
  hinomi = await startHinomi()
  browser = await launch()
  ja = await visit(browser, 'ja', PHONE)
  en = await visit(browser, 'en', DESK)
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

describe('the first account (ja, phone)', () => {
  it('is made from the printed link', async () => {
    const { page } = ja
    await page.goto(`${hinomi.url}/setup#code=${SETUP_CODE}`)
    await page.getByLabel('メールアドレス').fill(OPERATOR.email)
    await page.getByLabel('パスワード').fill(OPERATOR.password)
    expect(await page.getByLabel('タイムゾーン').inputValue()).toBe('Asia/Tokyo')
    expect(await page.getByLabel('セットアップコード').inputValue()).toBe(SETUP_CODE)
    await page.getByLabel('利用規約に同意します。').check()
    await fits(page)
    await button(page, '始める').click()
    await seen(page, 'まだ何も監視していません。')
    await seen(page, 'メールサーバーが未設定のため')
    await fits(page)
    expect(complaints(ja)).toEqual([])
  })

  it('reads and copies our addresses', async () => {
    const { page, context } = ja
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await button(page, 'すべてコピー').click()
    await seen(page, 'コピーしました')
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('192.0.2.10\n198.51.100.20')
  })

  it('adds a server and sees its first results in place', async () => {
    const { page } = ja
    await page.getByRole('link', { name: '最初のサーバーを追加' }).click()
    await page.getByRole('textbox', { name: 'ホスト' }).fill(HOST)
    await page.getByLabel('DNS(53)').check()
    await seen(page, 'DNSはTCP 53番で確認します')
    await page.getByLabel('名前(任意)').fill('本社ウェブ')
    await page.getByLabel(/このホストを所有または管理/).check()
    await fits(page)
    await button(page, '監視を始める').click()
    await seen(page, /2件は応答がありませんでした/)
    await page.getByRole('img', { name: '応答あり' }).first().waitFor()
    expect(await page.getByText('接続を拒否されました').count()).toBe(2)
    await seen(page, 'まずご確認ください')
    await seen(page, 'UDPのほかに、TCP 53番も開いていますか。')
    await seen(page, '監視元のアドレスを許可してください')
    await fits(page)
    expect(complaints(ja)).toEqual([])
  })

  it('unticks what is not meant to be open', async () => {
    const { page } = ja
    await button(page, 'DNS(53)を監視から外す').click()
    await page.getByRole('link', { name: 'DNS(53)' }).waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'HTTP(80)' }).waitFor()
    expect(complaints(ja)).toEqual([])
  })

  it('is told of the fault in one sentence, and of the stop', async () => {
    const { page } = ja
    await page.getByRole('link', { name: '監視状況へ' }).click()
    await seen(page, /2件中1件が異常です。|1件は監視が止まっています。/, 20_000)
    await seen(page, '1件は監視が止まっています。', 30_000)
    await button(page, '監視の再開').waitFor()
    await fits(page)
    expect(complaints(ja)).toEqual([])
  })

  it('resumes a stopped monitor, which is checked at once', async () => {
    const { page } = ja
    await page.getByRole('link', { name: 'HTTP(80)', exact: true }).click()
    await seen(page, /から監視していません。/)
    await button(page, '監視の再開').click()
    await button(page, '一時停止').waitFor()
    await button(page, '監視の再開').waitFor({ timeout: 30_000 }) // it fails four times again
    expect(complaints(ja)).toEqual([])
  })
})

describe('the monitor page (ja, phone)', () => {
  it('shows the sheet, the curves and the account of time', async () => {
    const { page } = ja
    await page.getByRole('link', { name: '監視状況' }).click()
    await page.getByRole('link', { name: 'PING', exact: true }).click()
    await seen(page, /正常です/)
    await seen(page, '稼働率')
    const sheet = page.getByRole('img', { name: /10日間のチェックの記録/ })
    await expect.poll(() => sheet.evaluate(inked), { timeout: 10_000 }).toBeGreaterThan(0)
    const curves = page.getByRole('img', { name: /回線ごとの応答時間/ })
    expect(await curves.evaluate(inked)).toBeGreaterThan(0)
    await sheet.focus()
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('ArrowLeft')
    await page.getByText(/回線[AB]/).first().waitFor()
    await page.getByText('表で見る').click()
    expect(Number(await page.getByRole('row', { name: /今日 A/ }).getByRole('cell').nth(1).innerText())).toBeGreaterThan(0)
    await fits(page)
    expect(complaints(ja)).toEqual([])
  })

  it('pauses and resumes', async () => {
    const { page } = ja
    await button(page, '一時停止').click()
    await seen(page, 'いまは見ていません。')
    await button(page, '監視を再開').click()
    await seen(page, /正常です/, 20_000)
    expect(complaints(ja)).toEqual([])
  })

  it('checks now over every line', async () => {
    const { page } = ja
    await button(page, '今すぐチェック').click()
    await seen(page, '記録には残しません。', 20_000)
    const answer = page.getByRole('status').filter({ hasText: '記録には残しません。' })
    expect(await answer.getByRole('listitem').count()).toBe(2)
    expect(await answer.getByRole('img', { name: '応答あり' }).count()).toBe(2)
    await fits(page)
    expect(complaints(ja)).toEqual([])
  })

  it('downloads the results', async () => {
    const { page } = ja
    const coming = page.waitForEvent('download')
    await button(page, 'CSV').click()
    const file = await coming
    expect(file.suggestedFilename()).toMatch(/^hinomi_127\.0\.0\.77_ping_\d{8}-\d{8}\.csv$/)
    const lines = readFileSync(await file.path(), 'utf8').split('\r\n')
    expect(lines[0]).toBe('checked_at,host,label,service,port,status,reason,reason_text,line,rtt_ms,address,monitor_id')
    expect(lines.filter((l) => l.includes(',ok,reply,')).length).toBeGreaterThan(2)
    expect(complaints(ja)).toEqual([])
  })

  it('keeps a name and notes', async () => {
    const { page } = ja
    await page.getByText('名前とメモ').click()
    await page.getByLabel('メモ').fill('夜間の担当: 佐藤')
    await button(page, '保存').click()
    await seen(page, '保存しました')
    expect(complaints(ja)).toEqual([])
  })
})

describe('contacts', () => {
  it('are added, wait, and get alerts once their link was opened', async () => {
    const { page, context } = ja
    await page.getByRole('link', { name: '緊急連絡先' }).first().click()
    await page.getByLabel('メールアドレス').fill('abc..def@docomo.ne.jp')
    await button(page, '連絡先を追加').click()
    await seen(page, /abc\.\.def@docomo\.ne\.jpにメールを送りました/)
    await seen(page, '確認待ち。')
    await fits(page)
    const link = await mailedLink('/contacts/verify?token=', 'abc..def')
    const other = await context.newPage()
    await other.goto(link)
    await button(other, 'お知らせを受け取る').click()
    await seen(other, 'これからはabc..def@docomo.ne.jpにお知らせが届きます。')
    await fits(other)
    await other.close()
    await page.getByText('確認待ち。').waitFor({ state: 'detached' })
    expect(complaints(ja)).toEqual([])
  })

  it('are removed after asking; with the last one everybody is told that nobody is mailed', async () => {
    const { page } = ja
    for (const email of ['abc..def@docomo.ne.jp', OPERATOR.email]) {
      await button(page, `削除: ${email}`).click()
      await page.getByRole('dialog').getByRole('button', { name: '削除', exact: true }).click()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    }
    await seen(page, '誰にもメールが届きません。')
    await page.getByRole('link', { name: '監視状況' }).click()
    await page.getByRole('link', { name: '連絡先を追加' }).waitFor()
    await fits(page)
    expect(complaints(ja)).toEqual([])
  })
})

/** The newest link of this kind in the stored mails, as the operator's page shows it. */
async function mailedLink(start: string, to: string): Promise<string> {
  const page = await ja.context.newPage()
  await page.goto(`${hinomi.url}/operator/mails`)
  const mail = page.getByRole('listitem').filter({ hasText: to }).filter({ hasText: start }).first()
  await mail.waitFor({ timeout: 20_000, state: 'attached' })
  await mail.locator('summary').click()
  const href = await mail.locator(`a[href*="${start}"]`).first().getAttribute('href')
  await page.close()
  if (!href) throw new Error(`no link ${start} in the mail to ${to}`)
  return href
}

describe('another account (en, desk)', () => {
  it('signs up, and cannot sign in before the link was opened', async () => {
    const { page } = en
    await page.goto(hinomi.url)
    await page.getByRole('link', { name: 'Sign up' }).click()
    await page.getByLabel('E-mail address').fill(USER.email)
    await page.getByLabel('Password').fill(USER.password)
    await page.getByLabel('I accept the terms.').check()
    await button(page, 'Sign up').click()
    await seen(page, `A mail went to ${USER.email}`)
    await page.getByRole('link', { name: 'Sign in' }).click()
    await signIn(page)
    await seen(page, 'Open the link that was mailed to you first.')
    expect(complaints(en, [/403/])).toEqual([])
  })

  it('is ready after the link', async () => {
    const { page } = en
    await page.goto(await mailedLink('/verify?token=', USER.email))
    await button(page, 'Confirm').click()
    await seen(page, `${USER.email} is confirmed.`)
    await page.getByRole('link', { name: 'Sign in' }).click()
    await signIn(page)
    await seen(page, 'Nothing is watched yet.')
    expect(complaints(en)).toEqual([])
  })

  it('is told what is wrong with a host, next to it', async () => {
    const { page } = en
    await page.getByRole('link', { name: 'Add', exact: true }).click()
    await page.getByRole('textbox', { name: 'Host' }).fill('https://www.example.jp/')
    await page.getByLabel(/I own or manage/).check()
    await button(page, 'Start watching').click()
    await seen(page, 'without https:// or a path')
    expect(await page.getByRole('textbox', { name: 'Host' }).getAttribute('aria-invalid')).toBe('true')
    expect(complaints(en, [/422/])).toEqual([])
  })

  it('adds a server and reads its monitor page', async () => {
    const { page } = en
    await page.getByRole('textbox', { name: 'Host' }).fill('127.0.0.78')
    await button(page, 'Start watching').click()
    await seen(page, /1 did not answer/)
    await seen(page, 'connection refused')
    await fits(page)
    await page.getByRole('link', { name: 'PING', exact: true }).click()
    await seen(page, /Well since/, 20_000)
    await button(page, 'Pause').click()
    await seen(page, /Paused since/)
    await button(page, 'Resume').click()
    await button(page, 'Check now').click()
    await seen(page, 'not recorded.', 20_000)
    const keep = page.getByLabel('Keep watching however long it fails')
    await keep.check()
    await expect.poll(() => keep.isEnabled(), { timeout: 10_000 }).toBe(true) // the server has it
    await page.reload()
    await expect.poll(() => keep.isChecked(), { timeout: 10_000 }).toBe(true)
    const download = async () => {
      const coming = page.waitForEvent('download')
      await button(page, 'JSON').click()
      return JSON.parse(readFileSync(await (await coming).path(), 'utf8')) as { monitor: { host: string }; results: { status: string }[] }
    }
    expect((await download()).monitor.host).toBe('127.0.0.78')
    await expect.poll(async () => (await download()).results.length, { timeout: 20_000, interval: 500 }).toBeGreaterThan(2)
    await fits(page)

    await page.getByRole('link', { name: '127.0.0.78' }).click()
    await page.getByText('Watch another TCP port').click()
    await page.getByLabel('TCP port', { exact: true }).fill('70000')
    await button(page, 'Watch this port').click()
    await seen(page, 'This number is out of range.')
    await page.getByLabel('TCP port', { exact: true }).fill('8443')
    await button(page, 'Watch this port').click()
    await page.getByRole('link', { name: 'TCP(8443)' }).waitFor()

    await page.locator('summary').filter({ hasText: 'Who is mailed' }).click()
    await page.getByLabel('Only these').check()
    await seen(page, 'Nobody would be mailed about this server.')
    await page.getByRole('checkbox', { name: USER.email }).check()
    const told = page.locator('details').filter({ hasText: 'Who is mailed' })
    await told.getByRole('button', { name: 'Save' }).click()
    await told.getByText('Saved').waitFor()
    await fits(page)
    expect(complaints(en, [/422/])).toEqual([])
  })

  it('sees nothing of the other account', async () => {
    const { page } = en
    await page.goto(`${hinomi.url}/targets/1`)
    await seen(page, 'It is not there any more.')
    expect(complaints(en, [/404/])).toEqual([])
  })

  it('deletes a server after reading what is lost', async () => {
    const { page } = en
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByRole('link', { name: '127.0.0.78', exact: true }).click()
    await button(page, 'Delete this server').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('results of ten days').waitFor()
    await dialog.getByRole('button', { name: 'Delete this server' }).click()
    await seen(page, 'Nothing is watched yet.')
    expect(complaints(en)).toEqual([])
  })

  it('switches the language and keeps it', async () => {
    const { page } = en
    await button(page, '日本語').click()
    await seen(page, 'まだ何も監視していません。')
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('ja')
    await page.reload()
    await seen(page, 'まだ何も監視していません。')
    await button(page, 'EN').click()
    await seen(page, 'Nothing is watched yet.')
    expect(complaints(en)).toEqual([])
  })

  it('stays signed in over a reload, and signs out and in again', async () => {
    const { page } = en
    await page.reload()
    await seen(page, 'Nothing is watched yet.')
    await page.locator('summary').filter({ hasText: 'Account' }).click()
    await button(page, 'Sign out').click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.goto(`${hinomi.url}/contacts`)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await signIn(page)
    await page.getByRole('heading', { name: 'Emergency contacts' }).waitFor()
    expect(complaints(en)).toEqual([])
  })

  it('says when what is seen is not renewed, and recovers by itself', async () => {
    const { page, context } = en
    await page.goto(hinomi.url)
    await seen(page, /s ago/)
    await context.route('**/api/v1/**', (route) => route.abort())
    await seen(page, 'not live', 20_000)
    await context.unroute('**/api/v1/**')
    await page.getByText('not live').waitFor({ state: 'detached' })
    expect(complaints(en, [/ERR_FAILED/])).toEqual([])
  })

  it('selects an address where the browser does not let it copy', async () => {
    const { page } = en
    await page.evaluate(() => { Object.defineProperty(navigator, 'clipboard', { value: undefined }) })
    await button(page, 'Copy 198.51.100.20').click()
    await seen(page, 'Selected: press Ctrl+C')
    expect(await page.evaluate(() => window.getSelection()?.toString())).toBe('198.51.100.20')
    expect(complaints(en)).toEqual([])
  })

  it('is usable by keyboard alone', async () => {
    const { page } = en
    await page.goto(`${hinomi.url}/targets/new`)
    await page.getByRole('textbox', { name: 'Host' }).focus()
    await page.keyboard.type('127.0.0.79')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('ping')
    expect(await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle)).toBe('solid')
    await page.keyboard.press('Space')
    expect(await page.getByLabel('PING').isChecked()).toBe(false)
    expect(complaints(en)).toEqual([])
  })
})

/** Every page there is, and one that is not. */
const PATHS = [
  '/',
  '/targets/new',
  '/targets/1',
  '/monitors/1',
  '/contacts',
  '/settings/profile',
  '/settings/password',
  '/settings/totp',
  '/settings/sessions',
  '/settings/tokens',
  '/settings/audit',
  '/settings/data',
  '/operator/accounts',
  '/operator/accounts/1',
  '/operator/targets',
  '/operator/mails',
  '/operator/mails?state=failed',
  '/operator/invites',
  '/operator/settings',
  '/operator/terms',
  '/operator/lines',
  '/operator/audit',
  '/terms',
  '/sign-in',
  '/sign-up',
  '/forgot',
  '/reset',
  '/confirm-address',
  '/verify',
  '/unsubscribe',
  '/nothing/here',
]

describe.each([['ja', PHONE], ['ja', DESK], ['en', PHONE], ['en', DESK]] as const)('every page in %s at %o', (language, size) => {
  it('fits the window and breaks no rule of the browser', async () => {
    const { page } = ja // the operator's
    await page.setViewportSize(size)
    await page.goto(hinomi.url)
    await button(page, language === 'ja' ? '日本語' : 'EN').click()
    for (const path of PATHS) {
      await page.goto(hinomi.url + path)
      await page.getByRole('heading', { level: 1 }).waitFor()
      expect(await page.evaluate(() => document.documentElement.lang)).toBe(language)
      await fits(page)
    }
    expect(complaints(ja)).toEqual([])
  })
})

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('E-mail address').fill(USER.email)
  await page.getByLabel('Password').fill(USER.password)
  await button(page, 'Sign in').click()
}

/** How many pixels of a canvas are drawn on. */
function inked(canvas: SVGElement | HTMLElement): number {
  if (!(canvas instanceof HTMLCanvasElement)) return -1
  const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? []
  let count = 0
  for (let i = 3; i < data.length; i += 4) if (data[i]) count++
  return count
}
