import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { api } from '../../server/contracts/api.ts'
import type { Route } from '../../server/contracts/route.ts'
import { type TwilioDoors, twilioRoutes } from '../../telephony/twilio/routes.ts'
import { doors, keysOf } from './authorization/table.ts'
import { type Asked, buildWorld, type Role, roles, signedIn, unknownId, type World } from './authorization/world.ts'

let w: World
const registered: string[] = []
/** What fastify itself registers, whoever asked it to. */
const listen = (message: unknown) =>
  (message as { fastify: FastifyInstance }).fastify.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) if (one !== 'HEAD') registered.push(`${one} ${url}`)
  })
beforeAll(async () => {
  subscribe('fastify.initialization', listen)
  w = await buildWorld()
  unsubscribe('fastify.initialization', listen)
})
afterAll(() => w.close())

type Name = keyof typeof doors
const names = Object.keys(doors) as Name[]
const rowOf = (name: Name): Route => api[name] as Route
const wanted = (name: Name) => [...keysOf(doors[name]), ...doors[name].people.split(' ')]
const wantedOf = (name: Name, role: Role) => wanted(name)[roles.indexOf(role)] as string
const letIn = ['ok', 'seen', 'unseen']

/** What came of it, in the words of the table. */
function outcome({ status, body, text }: Awaited<ReturnType<World['ask']>>, asked: Asked): string {
  if (status > 201) return String(body['code'] ?? status)
  return asked.thing ? (text.includes(asked.thing) ? 'seen' : 'unseen') : 'ok'
}

const factsNow = async () => (await w.db.query<{ n: number }>('SELECT count(*)::int AS n FROM fact'))[0]?.n as number
const auditNow = async () =>
  (await w.db.query<{ row: string }>(`SELECT action || ' ' || subject_kind AS row FROM audit`)).map(({ row }) => row)

const evil = ['http://evil.test', 'null', 'http://yihu.test.evil.test', 'http://yihu.test:81', '']
/** Does the session's cookie open this door, so that a page of another site could abuse it? */
const byCookie = ({ method, permission }: Route) =>
  method !== 'GET' && permission !== 'device' && permission !== 'responder'

/** One role comes to one door of a fresh world; what it hears, and what is wrong besides. */
async function knock(name: Name, role: Role): Promise<{ said: string; wrong: string[] }> {
  const [row, { audited }] = [rowOf(name), doors[name]]
  const wrong: string[] = []
  await w.clear()
  const asked = await doors[name].ask(w, role)
  if (!asked.keepLooks) await w.forgetLooks()
  const before = await factsNow()
  if (byCookie(row) && role === firstIn(name)) {
    for (const origin of evil) {
      const foreign = outcome(await w.ask(row, asked, role, { origin }), asked)
      if (foreign !== 'foreign-origin') wrong.push(`from "${origin}" as ${role}: ${foreign}`)
    }
    if ((await factsNow()) !== before) wrong.push('a page of another site changed something')
  }
  const answer = await w.ask(row, asked, role)
  const said = outcome(answer, asked)
  const written = audited === 'fact' ? (await factsNow()) > before : (await auditNow()).includes(audited)
  const shown = letIn.includes(said) && said !== 'unseen'
  if (shown && audited !== '-' && !written) wrong.push(`${role}: no ${audited}`)
  // What lies in another area answers as what does not exist; else the answer tells that it is there.
  const things = Object.entries(asked.params ?? {}).filter(([of]) => of === 'id' || of === 'code')
  if ((role === 'stranger' || role === 'elsewhere') && things.length > 0 && !letIn.includes(said)) {
    const unknownOf = (id: string) => (/^\d+$/.test(id) ? '999999999' : unknownId)
    const params = Object.fromEntries(things.map(([of, id]) => [of, of === 'id' ? unknownOf(id) : 'no-such']))
    const unknown = await w.ask(row, { ...asked, params: { ...asked.params, ...params } }, role)
    if (unknown.status !== answer.status || unknown.text !== answer.text)
      wrong.push(`${role} can tell that it is there`)
  }
  return { said, wrong }
}
const firstIn = (name: Name) => signedIn.find((role) => letIn.includes(wantedOf(name, role)))

describe('no door is forgotten', () => {
  test('every route of the contract has a row, and every row a route', () => {
    expect(names.sort()).toEqual(Object.keys(api).sort())
    for (const name of names) expect([name, wanted(name).length]).toEqual([name, roles.length])
  })
  test('what fastify serves is the contract and four plain pages that know nothing of a person', () => {
    const inContract = Object.values(api).map(({ method, path }) => `${method} /api/v1${path}`)
    const plain = ['GET /healthz', 'GET /readyz', 'GET /metrics', 'GET /api/openapi.json']
    expect([...registered].sort()).toEqual([...inContract, ...plain].sort())
  })
  test('Twilio, where it is configured, has six doors more, and each is closed to whom it has not signed', async () => {
    const opened: string[] = []
    const app = fastify()
    app.addHook('onRoute', ({ method, url }) => void opened.push(`${method} ${url}`))
    const unreached = {} as TwilioDoors['carrier'] & TwilioDoors['sms']
    await app.register(twilioRoutes, {
      signingToken: 'the token of the account',
      baseUrl: 'https://yihu.test',
      carrier: unreached,
      sms: unreached,
      takeSocket: () => {},
    })
    await app.ready()
    const paths = ['call-status', 'connect/:legId', 'sms', 'sms-status', 'stream-over', 'voice']
    expect(opened.sort()).toEqual(paths.map((path) => `POST /twilio/${path}`))
    for (const path of paths) {
      const reply = await app.inject({ method: 'POST', url: `/twilio/${path}`, payload: { CallSid: 'CA1' } })
      expect([path, reply.statusCode, reply.body]).toEqual([path, 403, ''])
    }
    await app.close()
  })
})

// On a shared machine; each door builds thirteen small worlds.
describe('each role at each door', { timeout: 120_000 }, () => {
  for (const name of names)
    test(`${rowOf(name).method} ${rowOf(name).path} (${name})`, async () => {
      const heard: Record<string, string> = {}
      const wrong: string[] = []
      for (const role of roles) {
        const knocked = await knock(name, role)
        heard[role] = knocked.said
        wrong.push(...knocked.wrong)
      }
      expect(heard).toEqual(Object.fromEntries(roles.map((role, i) => [role, wanted(name)[i]])))
      expect(wrong).toEqual([])
    })
})

test('every door that a cookie opens was tried from another site', () => {
  expect(names.filter((name) => byCookie(rowOf(name)) && !firstIn(name))).toEqual([])
})
