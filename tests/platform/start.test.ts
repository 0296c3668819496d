import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readEnv } from '../../server/platform/env.ts'
import { plainWords } from '../../server/platform/exit-plainly.ts'
import { nodeFault } from '../../server/start/node-version.mjs'
import { freePort } from '../support/ports.ts'
import { startProcess } from '../support/product.ts'

const root = join(import.meta.dirname, '../..')

test('a Node that is too old is named in one sentence', () => {
  expect(nodeFault('20.19.0')).toBeUndefined()
  expect(nodeFault('24.1.0')).toBeUndefined()
  expect(nodeFault('20.18.9')).toMatch(/needs Node 20.19 or newer, and this is Node 20.18.9/)
})

test('a setting that cannot be used is named with what is wrong', () => {
  expect(() => readEnv({ PORT: 'ten' })).toThrow(/PORT/)
  expect(() => readEnv({ DATABASE_URL: 'mysql://x' })).toThrow(/DATABASE_URL: must start with postgres/)
  expect(readEnv({})).toMatchObject({ port: 3000, host: '127.0.0.1', demo: true })
  expect(readEnv({ DATABASE_URL: 'postgres://x/y' }).demo).toBe(false)
})

test('the fictional district is not shown to a whole network unless somebody says so', () => {
  expect(() => readEnv({ HOST: '0.0.0.0' })).toThrow(/HOST=0.0.0.0 can be reached from outside.*DEMO=1.*DEMO=0/)
  expect(() => readEnv({ HOST: '192.168.1.5' })).toThrow(/DEMO/)
  expect(readEnv({ HOST: '0.0.0.0', DEMO: '1' }).demo).toBe(true)
  expect(readEnv({ HOST: '0.0.0.0', DEMO: '0' }).demo).toBe(false)
  expect(readEnv({ HOST: '0.0.0.0', DATABASE_URL: 'postgres://x/y' }).demo).toBe(false)
  for (const HOST of ['localhost', '127.0.0.1', '127.1.2.3', '::1']) expect(readEnv({ HOST }).demo).toBe(true)
})

test('faults that a person can mend are sentences, and bugs keep their stack', () => {
  expect(plainWords(Object.assign(new Error(), { code: 'ENOSPC' }))).toMatch(/disk is full/)
  expect(plainWords(new Error('a bug'))).toBeUndefined()
})

test('a port in use ends the start with one plain sentence and leaves no process behind', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const address = taken.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const dataDir = mkdtempSync(join(tmpdir(), 'yihu-start-'))
  const child = spawn(process.execPath, ['dist/server/main.js'], {
    cwd: root,
    env: { ...process.env, DATA_DIR: dataDir, PORT: String(port), LOG_LEVEL: 'error' },
  })
  let said = ''
  child.stderr.on('data', (bytes) => {
    said += bytes
  })
  const code = await new Promise((resolve) => child.once('exit', resolve))
  taken.close()
  expect(code).toBe(1)
  expect(said.trim().split('\n')).toHaveLength(1)
  expect(said).toMatch(/Port \d+ on 127.0.0.1 is in use/)
  rmSync(dataDir, { recursive: true, force: true }) // would fail while PostgreSQL still writes there
})

test('Ctrl-C ends everything that was started', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'yihu-stop-'))
  const { child, exit, url } = await startProcess(dataDir, await freePort())
  const health = await fetch(`${url}/healthz`)
  expect(await health.json()).toEqual({ ok: true })
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ ready: true, reasons: [] })
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('yihu_ledger_breaches 0')
  child.kill('SIGINT')
  expect(await exit).toBe(0)
  const { readFileSync, existsSync } = await import('node:fs')
  expect(
    existsSync(join(dataDir, 'postgres', 'postmaster.pid')) &&
      readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8'),
  ).toBe(false)
  rmSync(dataDir, { recursive: true, force: true })
})
