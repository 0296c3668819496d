import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Debian packages that `.ci/run` installs; a test says by its title which one it wants. */
export const has = (binary: string): boolean => spawnSync('which', [binary]).status === 0

export const folder = (name: string): string => mkdtempSync(join(tmpdir(), `yihu-${name}-`))

export type Ran = { code: number | null; output: string }

/** Runs until it ends by itself; after the time it is ended, and its code says so. */
export function run(
  binary: string,
  args: string[],
  { cwd, ms = 25_000 }: { cwd: string; ms?: number },
): Promise<Ran> & { end(signal?: NodeJS.Signals): void } {
  const child = spawn(binary, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TERM: 'dumb', HOME: cwd },
  })
  let output = ''
  const hear = (chunk: Buffer) => {
    output = `${output}${chunk}`.slice(-20_000)
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const timer = setTimeout(() => child.kill('SIGKILL'), ms)
  const ran = new Promise<Ran>((done) =>
    child.on('close', (code) => {
      clearTimeout(timer)
      done({ code, output })
    }),
  )
  return Object.assign(ran, { end: (signal?: NodeJS.Signals) => void child.kill(signal) })
}

/** A certificate for this machine that a test makes for itself; it vouches for itself as well. */
export function makeCertificate(cwd: string): { certFile: string; keyFile: string; caFile: string } {
  const [certFile, keyFile] = [join(cwd, 'cert.pem'), join(cwd, 'key.pem')]
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:127.0.0.2', '-keyout', keyFile, '-out', certFile],
  ])
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`)
  return { certFile, keyFile, caFile: certFile }
}
