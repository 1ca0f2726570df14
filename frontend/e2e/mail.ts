import { expect } from 'vitest'

export interface Account {
  email: string
  password: string
}

interface Mail {
  to: string
  body: string
}

/** Reads the stored mails as the operator, by the API. */
export class Mailbox {
  private readonly url: string
  private readonly token: string

  private constructor(url: string, token: string) {
    this.url = url
    this.token = token
  }

  static async open(url: string, { email, password }: Account): Promise<Mailbox> {
    const answer = await fetch(`${url}/api/v1/auth/login`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ email, password }) })
    if (!answer.ok) throw new Error(`sign-in of ${email}: ${answer.status}`)
    const { access_token } = (await answer.json()) as { access_token: string }
    return new Mailbox(url, access_token)
  }

  /** What `pattern` finds in the newest mail to this address that has it: its first group, another than `known`. Waits for the mail. */
  async find(to: string, pattern: RegExp, known = ''): Promise<string> {
    const look = async () => {
      const answer = await fetch(`${this.url}/api/v1/operator/mails`, { headers: { Authorization: `Bearer ${this.token}` } })
      const { items } = (await answer.json()) as { items: Mail[] }
      return items.filter((m) => m.to.includes(to)).map((m) => pattern.exec(m.body)?.[1]).find((x) => x && x !== known) ?? ''
    }
    let found = ''
    await expect.poll(async () => (found = await look()), { timeout: 20_000, interval: 200 }).not.toBe('')
    return found
  }
}
