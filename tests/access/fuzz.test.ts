import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { api } from '../../server/contracts/api.ts'
import type { Route } from '../../server/contracts/route.ts'
import { fromSchema, mutated } from '../support/from-schema.ts'
import { doors, keysOf } from './authorization/table.ts'
import { type Asked, buildWorld, type Role, roles, type World } from './authorization/world.ts'

// The same on every machine, so that a red run is about the change at hand; another seed looks elsewhere.
const seed = Number(process.env['FUZZ_SEED'] ?? 20261125)
const runs = Number(process.env['FUZZ_RUNS'] ?? 25)
let w: World
let tables: string[]
beforeAll(async () => {
  w = await buildWorld()
  const found = await w.db.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
  )
  tables = found.map(({ name }) => name)
})
afterAll(() => w.close())

type Name = keyof typeof doors
const names = Object.keys(doors) as Name[]
const rowOf = (name: Name): Route => api[name] as Route
const letIn = (name: Name) =>
  roles.find((_, i) =>
    ['ok', 'seen'].includes([...keysOf(doors[name]), ...doors[name].people.split(' ')][i] ?? ''),
  ) as Role

/** Of every table: how many rows, and who wrote them. Any row that is added, changed or taken away changes it. */
async function stored(): Promise<string> {
  const each = tables.map(
    (name) => `SELECT count(*)::text || ':' || coalesce(sum(xmin::text::bigint), 0) AS mark FROM ${name}`,
  )
  const rows = await w.db.query<{ mark: string }>(each.join(' UNION ALL '))
  return rows.map(({ mark }) => mark).join(' ')
}
/** Once what followed an earlier answer has been written. */
async function settled(): Promise<string> {
  await w.centre.mediaDone()
  let before = await stored()
  for (let now = await stored(); now !== before; now = await stored()) before = now
  return before
}

// A wrong password is counted; everything else that is refused leaves nothing.
// A wrong password is counted and stands in the audit.
const countsRefusals: Name[] = ['signIn', 'confirmPassword', 'changePassword']

async function send(name: Name, asked: Asked, role: Role, before?: string): Promise<string> {
  const { status, body, type } = await w.ask(
    rowOf(name),
    { ...asked, from: `10.90.${fresh >> 8}.${fresh++ & 255}` },
    role,
  )
  expect(status, JSON.stringify(body)).toBeLessThan(500)
  if (status < 400) return before === undefined ? '' : settled()
  expect(type).toContain('application/problem+json')
  expect(body).toMatchObject({ code: expect.any(String), title: expect.any(String), status })
  if (body['code'] === 'invalid')
    expect(body['errors'], JSON.stringify(body)).toContainEqual({
      path: expect.any(String),
      message: expect.any(String),
    })
  if (before === undefined) return ''
  const after = await stored()
  if (!countsRefusals.includes(name)) expect(after, `${body['code']} was refused and stored`).toBe(before)
  return after
}
let fresh = 1

describe(`whatever is sent (seed ${seed}; FUZZ_SEED says it again)`, { timeout: 120_000 }, () => {
  for (const name of names) {
    const { body, query, method } = rowOf(name)
    const fields = (type: unknown) => Object.keys((type as { shape?: object }).shape ?? { any: 1 }).length > 0
    if (method !== 'GET' && fields(body))
      test(`the body of ${name} is taken or refused by name, and a refusal stores nothing`, async () => {
        await w.clear()
        const role = letIn(name)
        const asked = await doors[name].ask(w, role)
        let before = await settled()
        const base = fc.oneof(fromSchema(body), fc.constant(asked.body ?? {}))
        await fc.assert(
          fc.asyncProperty(fc.oneof({ weight: 4, arbitrary: mutated(base) }, fromSchema(body)), async (sent) => {
            before = await send(name, { ...asked, body: sent }, role, before)
          }),
          { seed, numRuns: runs, endOnFailure: true },
        )
      })
    if (fields(query))
      test(`the question of ${name} is answered or refused by name`, async () => {
        await w.clear()
        const role = letIn(name)
        const asked = await doors[name].ask(w, role)
        await fc.assert(
          fc.asyncProperty(mutated(fromSchema(query)), async (said) => {
            const flat = Object.entries(said ?? {}).map(([of, value]) => [
              of,
              typeof value === 'string' ? value : JSON.stringify(value),
            ])
            await send(
              name,
              { ...asked, query: Object.fromEntries(flat.map(([of, value]) => [of, String(value).slice(0, 4_000)])) },
              role,
            )
          }),
          { seed, numRuns: runs, endOnFailure: true },
        )
      })
  }
})

test('a body that no parser should follow is answered at once: nested ten thousand deep, or cut off', async () => {
  for (const payload of [
    '['.repeat(10_000),
    `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
    `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
    '{"a":',
    '\u0000',
    '"',
    'NaN',
    '{"sequence":1,"__proto__":{"x":1}}',
  ]) {
    const reply = await w.centre.app.inject({
      method: 'POST',
      url: '/api/v1/alarms',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${w.pendant.key}` },
      payload,
    })
    // It shows a right key: somebody may be behind it, so it is an unknown signal and no refusal.
    expect([payload.slice(0, 20), reply.statusCode < 300]).toEqual([payload.slice(0, 20), true])
  }
  expect(({} as { x?: number }).x).toBeUndefined()
})
