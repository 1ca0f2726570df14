import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const SETUP_CODE = 'e2e-setup-code'

export interface Hinomi {
  url: string
  stop: () => Promise<void>
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer()
    server.on('error', failed)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        if (address && typeof address === 'object') done(address.port)
        else failed(new Error('no port'))
      })
    })
  })
}

/** HINOMI_BIN, or the program built from the sources with the page as it was built last. */
function binary(dir: string): string {
  const given = process.env['HINOMI_BIN']
  if (given) return given
  const built = join(dir, 'hinomi')
  execFileSync('go', ['build', '-o', built, './cmd/hinomi'], { cwd: fileURLToPath(new URL('../../backend', import.meta.url)), env: { ...process.env, CGO_ENABLED: '0' }, stdio: 'inherit' })
  return built
}

/** Starts the real server with a database of its own, two lines on loopback and short intervals; `settings` add to its environment. */
export async function startHinomi(settings: Readonly<Record<string, string>> = {}): Promise<Hinomi> {
  const dir = mkdtempSync(join(tmpdir(), 'hinomi-e2e-'))
  chmodSync(dir, 0o711) // the database's user walks through it
  const port = await freePort()
  const url = `http://localhost:${port}`
  const log: string[] = []
  const child = spawn(binary(dir), ['serve'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      HINOMI_POSTGRES_BIN: process.env['HINOMI_POSTGRES_BIN'] ?? '',
      HINOMI_ADDR: `127.0.0.1:${port}`,
      HINOMI_ADMIN_ADDR: 'off',
      HINOMI_PUBLIC_URL: url,
      HINOMI_DATA_DIR: join(dir, 'data'),
      HINOMI_SETUP_CODE: SETUP_CODE,
      HINOMI_TARGET_POLICY: 'any',
      HINOMI_LINES: 'a=127.0.0.1 shown=192.0.2.10; b=127.0.0.2 shown=198.51.100.20',
      HINOMI_INTERVAL: '2s',
      HINOMI_PROBE_TIMEOUT: '1s',
      HINOMI_DIGEST_WINDOW: '0s',
      ...settings,
    },
  })
  const keep = (chunk: Buffer) => log.push(chunk.toString())
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  await ready(url, child, log)
  return { url, stop: () => stop(child, dir) }
}

/** Waits until the server answers; fails at once if it ends before. */
async function ready(url: string, child: ChildProcess, log: readonly string[]): Promise<void> {
  const until = Date.now() + 120_000
  while (Date.now() < until) {
    if (child.exitCode !== null) break
    const ok = await fetch(`${url}/readyz`).then((r) => r.ok, () => false)
    if (ok) return
    await new Promise((again) => setTimeout(again, 100))
  }
  child.kill('SIGKILL')
  throw new Error(`hinomi does not serve:\n${log.join('')}`)
}

async function stop(child: ChildProcess, dir: string): Promise<void> {
  if (child.exitCode === null) {
    const ended = new Promise((done) => child.once('exit', done))
    child.kill('SIGTERM')
    await ended
  }
  rmSync(dir, { recursive: true, force: true })
}
