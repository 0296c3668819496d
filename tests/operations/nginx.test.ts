import { execFile, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createBare } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { has, makeCertificate } from '../telephony/sip/support/binary.ts'

// The proxy's example before a server of ours that says yes to everything: what does it write down, and whom does it hold back?
const dir = mkdtempSync(join(tmpdir(), 'yihu-nginx-'))
let port: number
let stop: () => Promise<unknown>
const asked: string[] = []

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createBare().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address() as AddressInfo
      server.close(() => resolve(free))
    })
  })

beforeAll(async () => {
  if (!has('nginx')) return
  const behind = createServer((request, reply) => {
    asked.push(request.url ?? '')
    reply.end('{}')
  })
  await new Promise<void>((done) => behind.listen(0, '127.0.0.1', done))
  const at = `127.0.0.1:${(behind.address() as AddressInfo).port}`
  const { certFile, keyFile } = makeCertificate(dir)
  port = await freePort()
  const text = readFileSync(join(import.meta.dirname, '../../server/operations/nginx.conf'), 'utf8')
    .replaceAll(/web-[12]:3000/g, at)
    .replace('listen 80;', `listen 127.0.0.1:${await freePort()};`)
    .replace('listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`)
    .replace('/etc/nginx/tls/yihu.crt', certFile)
    .replace('/etc/nginx/tls/yihu.key', keyFile)
    .replaceAll('/var/log/nginx/', `${dir}/`)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${dir}/${of};`)
  writeFileSync(join(dir, 'site.conf'), text)
  writeFileSync(
    join(dir, 'nginx.conf'),
    `daemon off;\npid ${dir}/pid;\nevents {}\nhttp {\n${temporary.join('\n')}\ninclude ${dir}/site.conf;\n}\n`,
  )
  execFileSync('nginx', ['-t', '-c', join(dir, 'nginx.conf')], { stdio: 'pipe' })
  const child = spawn('nginx', ['-c', join(dir, 'nginx.conf')], { stdio: 'ignore' })
  const ended = new Promise((done) => child.once('exit', done))
  stop = async () => {
    child.kill('SIGTERM')
    await ended
    behind.close()
  }
  await vi.waitFor(() => ask('/healthz'), { timeout: 5_000 })
})
afterAll(async () => {
  await stop?.()
  rmSync(dir, { recursive: true, force: true })
})

/** The status, by curl, which needs not be told to believe the certificate. */
const ask = async (path: string, method = 'GET'): Promise<string> => {
  const args = ['-sk', '-o', '/dev/null', '-w', '%{http_code}', '-X', method, `https://127.0.0.1:${port}${path}`]
  return (await promisify(execFile)('curl', args)).stdout
}

test.skipIf(!has('nginx') || !has('curl'))('it writes down no token of a link and no words of a search', async () => {
  for (const path of ['/r/secret-token', '/api/v1/r/secret-token/accept', '/api/v1/residents?q=secret-name'])
    expect([path, await ask(path)]).toEqual([path, '200'])
  const log = readFileSync(join(dir, 'yihu.log'), 'utf8')
  expect(log).toContain('/api/v1/residents')
  expect(log).not.toContain('secret')
})

test.skipIf(!has('nginx') || !has('curl'))(
  'who tries passwords from one address is held back, and whoever presses from it is not; the demo stays inside',
  async () => {
    const tries = await Promise.all(Array.from({ length: 50 }, () => ask('/api/v1/sessions', 'POST')))
    expect(tries.filter((status) => status === '429').length).toBeGreaterThan(10)
    for (let i = 0; i < 20; i++) expect(await ask('/api/v1/alarms', 'POST')).toBe('200')
    expect([await ask('/simulator'), await ask('/api/v1/demo/devices')]).toEqual(['404', '404'])
    expect(asked.some((url) => url.includes('demo'))).toBe(false)
  },
)
