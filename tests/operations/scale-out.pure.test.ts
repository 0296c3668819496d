import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { connectionsOfProcess } from '../../server/platform/db.ts'

const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
type Service = { command?: string[]; environment?: Record<string, string>; ports?: string[] }
const { services } = parse(read('compose.yaml'), { merge: true }) as { services: Record<string, Service> }
const ours = Object.entries(services).filter(([, { environment }]) => environment?.['ROLES'])
const threats = read('server/operations/threat-model.md')

test('PostgreSQL has room for every process, half as many again while they are replaced, and who administers it', () => {
  const room = Number(
    services['postgres']?.command?.map((word) => /^max_connections=(\d+)$/.exec(word)?.[1]).find(Boolean),
  )
  expect(ours.length).toBe(6)
  expect(room).toBeGreaterThan(ours.length * 1.5 * connectionsOfProcess + 10)
})

test('Redis takes nobody without its password, every process shows it, and neither database is open to the outside', () => {
  const { command = [], ports } = services['redis'] as Service
  expect(command[command.indexOf('--requirepass') + 1]).toMatch(/^\$\{REDIS_PASSWORD\}$/)
  for (const [name, { environment }] of ours)
    expect([name, environment?.['REDIS_URL']]).toEqual([
      name,
      expect.stringMatching(/^redis:\/\/:\$\{REDIS_PASSWORD:\?.+\}@redis:6379$/),
    ])
  expect([ports, services['postgres']?.ports]).toEqual([undefined, undefined])
})

test('the proxy tells the address that it sees and nothing that was sent to it, and says where to name a proxy before it', () => {
  const nginx = read('server/operations/nginx.conf')
  expect(nginx).toMatch(/^\s*proxy_set_header X-Forwarded-For \$remote_addr;/m)
  for (const setting of ['set_real_ip_from', 'real_ip_header X-Forwarded-For'])
    expect(nginx).toMatch(new RegExp(`^\\s*# ${setting}`, 'm'))
})

test('the threat model has a row for each way in, Redis among them, and every test that it names is there', () => {
  const rows = threats
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1)
  expect(rows.some((row) => /^\| Redis .*believed.*private network.*password/.test(row))).toBe(true)
  const named = rows.flatMap(
    (row) =>
      row
        .split('|')
        .at(-2)
        ?.match(/\b[a-z]+(?:\/[a-z0-9-]+)+/g) ?? [],
  )
  expect(named.length).toBeGreaterThan(10)
  const there = (name: string) =>
    ['test.ts', 'pure.test.ts'].some((end) => existsSync(join(root, `tests/${name}.${end}`)))
  expect(named.filter((name) => !there(name))).toEqual([])
})
