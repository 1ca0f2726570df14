/** What people do with their own account: sign in again, sessions, settings. */
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DESK, launch, overflow, PHONE, visit, type Visit } from './browser'
import { Mailbox } from './mail'
import { SETUP_CODE, startHinomi, type Hinomi } from './server'

/** Another person, who signs up. */
const GUEST = { email: 'guest@example.com', password: 'staple battery horse' }
const RESET = /(https?:\/\/\S+\/reset#token=\S+)/
const CODE = /: (\d{3} \d{3})/
const OWNER = { email: 'owner@example.jp', password: 'correct horse battery' }

let hinomi: Hinomi
let browser: Browser
let desk: Visit
let phone: Visit

beforeAll(async () => {
  hinomi = await startHinomi()
  browser = await launch()
  desk = await visit(browser, 'en', DESK)
  phone = await visit(browser, 'en', PHONE)
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

async function signIn(page: Page, { email, password } = OWNER): Promise<void> {
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await button(page, 'Sign in').click()
}

/** The code of a secret in a step of 30 s (RFC 6238). */
function totp(secret: string, step: number): string {
  const bits = Array.from(secret, (c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((b) => parseInt(b, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const hash = createHmac('sha1', key).update(counter).digest()
  const at = (hash.at(-1) ?? 0) & 15
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** A step that is good now and later than `used`: the server takes one step ahead of its clock, and each once. */
async function freshStep(used: number): Promise<number> {
  const now = () => Math.floor(Date.now() / 30_000)
  await expect.poll(() => now() + 1 > used, { timeout: 40_000, interval: 500 }).toBe(true)
  return Math.max(now(), used + 1)
}

describe('sessions', () => {
  it('are listed, and one that is ended asks to sign in over the half-filled form', async () => {
    await desk.page.goto(`${hinomi.url}/setup#code=${SETUP_CODE}`)
    await desk.page.getByLabel('E-mail address').fill(OWNER.email)
    await desk.page.getByLabel('Password', { exact: true }).fill(OWNER.password)
    await desk.page.getByLabel('I accept the terms.').check()
    await button(desk.page, 'Set up').click()
    await seen(desk.page, 'Nothing is watched yet.')

    await phone.page.goto(`${hinomi.url}/targets/new?from=shortcut`)
    await signIn(phone.page)
    const host = phone.page.getByRole('textbox', { name: 'Host' })
    await host.fill('half.example')

    await desk.page.goto(`${hinomi.url}/settings/sessions`)
    await seen(desk.page, 'this device')
    await button(desk.page, /^End: /).click()
    await button(desk.page, /^End: /).waitFor({ state: 'detached' })

    const dialog = phone.page.getByRole('dialog')
    await dialog.getByText('The session is over.').waitFor({ timeout: 20_000 })
    await fits(phone.page)
    await phone.page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await seen(phone.page, 'nothing is renewed or saved')
    await button(phone.page, 'Sign in').click()
    expect(await dialog.getByLabel('E-mail address').inputValue()).toBe(OWNER.email)
    await phone.page.keyboard.type(OWNER.password)
    await phone.page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    expect(await host.inputValue()).toBe('half.example')
    expect(phone.page.url()).toBe(`${hinomi.url}/targets/new?from=shortcut`)
    expect(complaints(desk)).toEqual([])
    expect(complaints(phone, [/401/])).toEqual([])
  })
})

describe('settings', () => {
  it('change language and zone for the page at once', async () => {
    const { page } = phone
    await page.goto(`${hinomi.url}/settings`)
    await page.getByRole('combobox', { name: 'Language' }).selectOption('ja')
    await page.getByLabel('Time zone').selectOption('Europe/Paris')
    await button(page, 'Save').click()
    await seen(page, '保存しました')
    await page.locator('summary').filter({ hasText: 'アカウント' }).click()
    await seen(page, '時刻はEurope/Paris')
    await page.reload()
    expect(await page.getByLabel('タイムゾーン').inputValue()).toBe('Europe/Paris')
    await fits(page)
    expect(complaints(phone)).toEqual([])
  })

  it('change the password, which ends the other sessions', async () => {
    const { page } = desk
    await page.getByRole('link', { name: 'Password' }).click()
    await page.getByLabel('Present password').fill('not this one')
    await page.getByLabel('New password').fill('a quite new password')
    await button(page, 'Change the password').click()
    await seen(page, 'The present password is wrong.')
    await page.getByLabel('Present password').fill(OWNER.password)
    await button(page, 'Change the password').click()
    await seen(page, 'Changed. All other places are signed out.')
    OWNER.password = 'a quite new password'
    await phone.page.getByRole('dialog').waitFor({ timeout: 20_000 })
    expect(complaints(desk, [/422/])).toEqual([])
    expect(complaints(phone, [/401/])).toEqual([])
  })
})

describe('a stranger (en, phone)', () => {
  let guest: Visit
  let mails: Mailbox

  beforeAll(async () => {
    guest = await visit(browser, 'en', PHONE)
    mails = await Mailbox.open(hinomi.url, OWNER)
  })

  it('signs up and types the mail’s code without leaving the page', async () => {
    const { page } = guest
    await page.goto(`${hinomi.url}/sign-up`)
    await page.getByLabel('E-mail address').fill(GUEST.email)
    await page.getByLabel('Password', { exact: true }).fill(GUEST.password)
    await page.getByLabel('I accept the terms.').check()
    await button(page, 'Sign up').click()
    const code = page.getByLabel('Six-digit code from the mail')
    const real = await mails.find(GUEST.email, CODE)
    await code.fill(real === '000 000' ? '000 001' : '000 000')
    await button(page, 'Confirm').click()
    await seen(page, 'The code is not right')
    expect(await code.getAttribute('aria-invalid')).toBe('true')
    await fits(page)
    await code.fill(real)
    await page.keyboard.press('Enter')
    await seen(page, 'Nothing is watched yet.')
    expect(complaints(guest, [/422/])).toEqual([])
  })

  it('confirms a contact by its code', async () => {
    const { page } = guest
    await page.goto(`${hinomi.url}/contacts`)
    await page.getByRole('textbox', { name: 'E-mail address' }).fill('night@example.com')
    await button(page, 'Add a contact').click()
    await page.getByLabel('Six-digit code from the mail').fill(await mails.find('night@example.com', CODE))
    await fits(page)
    await button(page, 'Confirm').click()
    await page.getByText('waits for its link').waitFor({ state: 'detached' })
    expect(await page.getByText('gets alerts', { exact: true }).count()).toBe(2)
    expect(complaints(guest)).toEqual([])
  })

  it('tests a contact, which stops its mails, and asks it again', async () => {
    const { page } = guest
    const known = await mails.find('night@example.com', CODE)
    await button(page, 'Details: night@example.com').click()
    await page.getByLabel('Short mails for a phone').last().waitFor()
    await button(page, 'Mail a test alarm').click()
    await seen(page, 'On its way.')
    const link = await mails.find('night@example.com', /(https?:\/\/\S+\/unsubscribe#token=\S+)/)
    await page.getByText('test alarm', { exact: true }).waitFor()
    await fits(page)
    const reader = await browser.newContext()
    const stop = await reader.newPage()
    await stop.goto(link)
    await button(stop, 'Stop the mails').click()
    await seen(stop, 'This address gets no more mails.')
    await reader.close()
    await seen(page, /unsubscribed .*gets no alerts/)
    await button(page, 'Ask again: night@example.com').click()
    await page.getByLabel('Six-digit code from the mail').fill(await mails.find('night@example.com', CODE, known))
    await button(page, 'Confirm').click()
    await page.getByText(/unsubscribed/).waitFor({ state: 'detached' })
    await fits(page)
    expect(complaints(guest)).toEqual([])
  })

  it('says that a link to stop mails is not right', async () => {
    const reader = await browser.newContext()
    const stop = await reader.newPage()
    await stop.goto(`${hinomi.url}/unsubscribe#token=wrong`)
    await button(stop, 'Stop the mails').click()
    await seen(stop, 'The link was used, has expired')
    await fits(stop)
    await reader.close()
  })

  it('gets a new password by code, then by link, and each ends the sessions', async () => {
    const { page } = guest
    const other = await guest.context.newPage()
    await other.goto(`${hinomi.url}/sign-in`)
    await other.getByRole('link', { name: 'Forgot your password?' }).click()
    await other.getByLabel('E-mail address').fill(GUEST.email)
    await button(other, 'Mail them').click()
    await other.getByLabel('Six-digit code from the mail').fill(await mails.find(GUEST.email, /reset#[^]*: (\d{3} \d{3})/))
    await other.getByLabel('New password').fill('staple battery one')
    await fits(other)
    await button(other, 'Set the password').click()
    await seen(other, 'The password is changed.')
    await page.getByRole('dialog').getByText('The session is over.').waitFor({ timeout: 20_000 })

    await other.goto(`${hinomi.url}/forgot`)
    await other.getByLabel('E-mail address').fill(GUEST.email)
    const before = await mails.find(GUEST.email, RESET)
    await button(other, 'Mail them').click()
    await other.goto(await mails.find(GUEST.email, RESET, before))
    await other.getByLabel('New password').fill('staple battery two')
    await fits(other)
    await button(other, 'Set the password').click()
    await other.getByRole('link', { name: 'Sign in' }).click()
    await signIn(other, { ...GUEST, password: 'staple battery two' })
    await seen(other, 'Nothing is watched yet.')
    await other.close()
    expect(complaints(guest, [/401/])).toEqual([])
  })

  it('makes a token that works until it is revoked', async () => {
    const { page } = guest
    await page.goto(`${hinomi.url}/sign-in`)
    await signIn(page, { ...GUEST, password: 'staple battery two' })
    await seen(page, 'Nothing is watched yet.')
    await page.goto(`${hinomi.url}/settings/tokens`)
    await page.getByLabel('Name').fill('backup')
    await button(page, 'Make the token').click()
    const token = (await page.getByText(/^hnm_\S{20,}$/).textContent()) ?? ''
    await fits(page)
    const ask = () => fetch(`${hinomi.url}/api/v1/contacts`, { headers: { Authorization: `Bearer ${token}` } }).then((r) => r.status)
    expect(await ask()).toBe(200)
    await page.reload()
    await seen(page, 'backup')
    expect(await page.getByText(token).count()).toBe(0)
    await button(page, 'Revoke: backup').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await seen(page, 'No token yet.')
    await expect.poll(ask, { timeout: 5_000 }).toBe(401)
    expect(complaints(guest)).toEqual([])
  })

  it('changes the sign-in address by the new one’s code', async () => {
    const { page } = guest
    await page.goto(`${hinomi.url}/settings/profile`)
    await page.getByLabel('New e-mail address').fill('moved@example.com')
    await page.getByLabel('Present password').fill('staple battery two')
    await button(page, 'Change the address').click()
    await page.getByLabel('Six-digit code from the mail').fill(await mails.find('moved@example.com', CODE))
    await fits(page)
    await button(page, 'Confirm').click()
    await seen(page, 'You sign in as moved@example.com.')
    expect(complaints(guest)).toEqual([])
  })

  it('turns a second factor on, signs in by it and by a recovery code, and turns it off', async () => {
    const { page } = guest
    await page.getByRole('link', { name: 'Second factor' }).click()
    await page.getByLabel('Present password').fill('staple battery two')
    await button(page, 'Set up').click()
    const secret = (await page.getByText(/^[A-Z2-7]{32}$/).textContent()) ?? ''
    await page.getByRole('img', { name: /QR code/ }).waitFor()
    await fits(page)
    let step = await freshStep(0)
    await page.getByLabel('Code of your authenticator app').fill(totp(secret, step))
    await button(page, 'Turn on').click()
    await seen(page, 'Your recovery codes')
    const codes = ((await page.locator('code').textContent()) ?? '').split('\n')
    expect(codes).toHaveLength(10)
    await fits(page)
    await page.getByLabel('I have kept them.').check()
    await button(page, 'Close').click()
    await seen(page, '10 recovery codes are left.')

    const signInAgain = async () => {
      await page.locator('summary').filter({ hasText: 'Account' }).click()
      await button(page, 'Sign out').click()
      await signIn(page, { email: 'moved@example.com', password: 'staple battery two' })
      await page.getByLabel('Code of your authenticator app').waitFor()
    }
    await signInAgain()
    await page.keyboard.type(totp(secret, step)) // it has the focus; this code was used
    await button(page, 'Sign in').click()
    await seen(page, 'was used already')
    step = await freshStep(step)
    await page.getByLabel('Code of your authenticator app').fill(totp(secret, step))
    await button(page, 'Sign in').click()
    await seen(page, 'Nothing is watched yet.')
    await signInAgain()
    await button(page, 'Use a recovery code instead').click()
    await page.getByLabel('Recovery code').fill(codes[0] ?? '')
    await button(page, 'Sign in').click()
    await seen(page, 'Nothing is watched yet.')
    await page.goto(`${hinomi.url}/settings/totp`)
    await seen(page, '9 recovery codes are left.')
    await page.locator('summary').filter({ hasText: 'Turn off' }).click()
    const off = page.locator('details').filter({ hasText: 'Turn off' })
    await off.getByLabel('Present password').fill('staple battery two')
    await off.getByRole('button', { name: 'Use a recovery code instead' }).click()
    await off.getByLabel('Recovery code').fill(codes[1] ?? '')
    await off.getByRole('button', { name: 'Turn off' }).click()
    await button(page, 'Set up').waitFor()
    expect(complaints(guest, [/401/])).toEqual([])
  })

  it('takes everything along as one file', async () => {
    const { page } = guest
    await page.getByRole('link', { name: 'My data' }).click()
    const coming = page.waitForEvent('download')
    await button(page, 'Download everything').click()
    const file = readFileSync(await (await coming).path())
    expect(file.subarray(0, 2).toString()).toBe('PK')
    expect(file.includes('account.json')).toBe(true)
    await fits(page)
    expect(complaints(guest)).toEqual([])
  })

  it('reads in the audit log what was done, and from where', async () => {
    const { page } = guest
    await page.getByRole('link', { name: 'Audit log' }).click()
    await seen(page, 'Turned the second factor off')
    await seen(page, 'Tried to sign in')
    await page.getByRole('listitem').filter({ hasText: 'Confirmed the new sign-in address by its code' }).getByText('127.0.0.1').waitFor()
    await fits(page)
    await page.getByRole('link', { name: 'My data' }).click()
    expect(complaints(guest)).toEqual([])
  })

  it('deletes the account after reading what is lost', async () => {
    const { page } = guest
    await button(page, 'Delete the account').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Password').fill('staple battery two')
    await dialog.getByLabel('Delete everything.').check()
    await dialog.getByRole('button', { name: 'Delete the account' }).click()
    await seen(page, 'The account and all its data are deleted.')
    await signIn(page, { email: 'moved@example.com', password: 'staple battery two' })
    await seen(page, 'Address or password is not right.')
    expect(complaints(guest, [/401/])).toEqual([])
  })
})
