import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { freePort } from '../support/ports.ts'
import { makeCertificate } from '../telephony/sip/support/binary.ts'

// The proxy of the papers, as it stands there but for addresses and files, in front of a server that says where it was asked.
const nginx = ['/usr/sbin/nginx', '/usr/local/sbin/nginx'].find(existsSync)
const dir = mkdtempSync(join(tmpdir(), 'yihu-nginx-'))
const log = () => readFileSync(join(dir, 'yihu.log'), 'utf8')
let running: ChildProcess | undefined
let base: { plain: number; tls: number }
const behind = createServer((asked, answer) => answer.end(asked.url))

beforeAll(async () => {
  if (!nginx) return
  behind.listen(0, '127.0.0.1')
  await once(behind, 'listening')
  const to = (behind.address() as { port: number }).port
  base = { plain: await freePort(), tls: await freePort() }
  mkdirSync(join(dir, 'logs'))
  const { certFile, keyFile } = makeCertificate(dir)
  const version = Number(/\/1\.(\d+)/.exec(spawnSync(nginx, ['-v'], { encoding: 'utf8' }).stderr)?.[1])
  const conf = readFileSync(join(import.meta.dirname, '../../server/operations/nginx.conf'), 'utf8')
    .replace(/server web-1:3000/, `server 127.0.0.1:${to}`)
    .replace(/.*web-2.*\n/, '')
    .replace(/listen 80;/, `listen 127.0.0.1:${base.plain};`)
    .replace(/listen 443 ssl;/, `listen 127.0.0.1:${base.tls} ssl;`)
    .replace(/.*listen \[::\].*\n/g, '')
    .replace('/etc/yihu/tls/cert.pem', certFile)
    .replace('/etc/yihu/tls/key.pem', keyFile)
    .replaceAll('/var/log/nginx', dir)
    // Debian 12 has nginx 1.22, which says it at `listen`.
    .replace(/.*http2 on;\n/, version >= 25 ? '$&' : '')
  writeFileSync(
    join(dir, 'nginx.conf'),
    `daemon off;\nworker_processes 1;\npid ${dir}/pid;\nerror_log ${dir}/error.log;\nevents { worker_connections 4096; }\nhttp {\nclient_body_temp_path ${dir}/b; proxy_temp_path ${dir}/p; fastcgi_temp_path ${dir}/f; uwsgi_temp_path ${dir}/u; scgi_temp_path ${dir}/s;\n${conf}\n}\n`,
  )
  running = spawn(nginx, ['-c', join(dir, 'nginx.conf'), '-p', dir], { stdio: 'ignore' })
  await vi.waitFor(() => get('/up'), { timeout: 10_000 })
})
afterAll(async () => {
  running?.kill('SIGTERM')
  if (running) await once(running, 'exit')
  behind.close()
  rmSync(dir, { recursive: true, force: true })
})

const agent = new Agent({ rejectUnauthorized: false })
function get(path: string, method = 'GET'): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ agent, method, host: '127.0.0.1', port: base.tls, path }, (reply) => {
      let body = ''
      reply.on('data', (bytes) => {
        body += bytes
      })
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, body }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

test.skipIf(!nginx)(
  'the proxy writes down no token of a link and no word that somebody searched for (needs nginx)',
  async () => {
    await get('/r/a-secret-token')
    await get('/api/v1/r/a-secret-token/accept', 'POST')
    await get('/api/v1/residents?q=%E6%9B%BE%E5%B0%8F%E6%98%8E')
    await get('/api/v1/residents?q=zeng')
    await expect.poll(log).toContain('"GET /api/v1/residents"')
    expect(log()).toContain('"GET /r/-"')
    expect(log()).not.toMatch(/secret|%E6|zeng|\?/)
  },
)

test.skipIf(!nginx)('sign-ins of one address are limited, presses never are (needs nginx)', async () => {
  const signIns = await Promise.all(Array.from({ length: 60 }, () => get('/api/v1/sessions', 'POST')))
  expect(signIns.filter(({ status }) => status === 429).length).toBeGreaterThan(20)
  const presses = await Promise.all(
    Array.from({ length: 600 }, (_, n) => get(n % 2 ? '/api/v1/alarms' : '/signals', 'POST')),
  )
  expect(presses.filter(({ status }) => status !== 200)).toEqual([])
})

test.skipIf(!nginx)(
  'who comes without TLS is sent to it, and the figures are not shown through the proxy (needs nginx)',
  async () => {
    const plain = await fetch(`http://127.0.0.1:${base.plain}/wallboard?x=1`, { redirect: 'manual' })
    expect([plain.status, plain.headers.get('location')]).toEqual([308, 'https://127.0.0.1/wallboard?x=1'])
    expect((await get('/metrics')).status).toBe(404)
    expect((await get('/simulator')).status).toBe(404)
    expect((await get('/api/v1/demo/devices')).status).toBe(404)
  },
)
