import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SmsGateway } from '../../server/contracts/sms.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
let ana: Awaited<ReturnType<Centre['as']>>
let id: string
let residentId: string
let sent: { to: string; body: string }[]
let answers: SmsGateway['send']
const daughter = '+8613900002222'
beforeEach(async () => {
  centre = await startCentre()
  sent = []
  answers = async (message) => {
    sent.push(message)
    return { id: `SM${sent.length}` }
  }
  Object.assign(centre.parts, {
    env: { ...centre.parts.env, demo: false },
    sms: { send: (message: Parameters<SmsGateway['send']>[0]) => answers(message) },
  })
  ana = await centre.as('op01')
  const [device] = (await devicesIn(centre)).filter(({ lineClass }) => lineClass === 2)
  residentId = device?.residentId as string
  await centre.db.query('DELETE FROM contact WHERE resident_id = $1', [residentId])
  await centre.db.query(
    `INSERT INTO contact (id, resident_id, position, name, relation, phone, keyholder, hours)
     VALUES (gen_random_uuid(), $1, 1, '王芳', '大女儿', $2, false, ''), (gen_random_uuid(), $1, 2, '李伟', '邻居', '+8613900003333', true, '')`,
    [residentId, daughter],
  )
  await consent(true)
  id = (await centre.press(device as { key: string })).body.incidentId
  await ana.post(`/incidents/${id}/answer`)
})
afterEach(() => centre.close())

const consent = (yes: boolean) =>
  centre.db.query('UPDATE resident SET family_consent = $2 WHERE id = $1', [residentId, yes])
const close = async (disposition: string) => {
  await ana.post(`/incidents/${id}/resolve`)
  await ana.post(`/incidents/${id}/close`, { disposition, note: '' })
  await centre.settled()
}
const told = () =>
  centre.db.query<{ type: string; actor: string }>(
    `SELECT type, actor FROM fact WHERE incident_id = $1 AND type LIKE 'family-%' ORDER BY seq`,
    [id],
  )
const now = () => ana.post<{ code: string }>(`/incidents/${id}/tell-family`)

test('the daughter is told once what came of it, the neighbour is not, and by whom stands in the timeline', async () => {
  await close('helped-by-phone')
  expect(sent.map(({ to }) => to)).toEqual([daughter])
  expect(sent[0]?.body).toMatch(/得到帮助|helped by telephone/)
  expect(await told()).toEqual([{ type: 'family-told', actor: `operator:${ana.id}` }])
})

test('nobody is told when they have not agreed, or when a button was pressed by mistake', async () => {
  await consent(false)
  expect((await now()).body.code).toBe('no-family-consent')
  await close('helped-by-phone')
  expect([sent, await told()]).toEqual([[], []])
})
test('a wrong press is theirs alone', async () => {
  await close('accidental-press')
  expect([sent, await told()]).toEqual([[], []])
})

test('told by hand while it goes on, they are told once more what came of it, and not a third time', async () => {
  expect((await now()).status).toBe(200)
  await centre.settled()
  expect((await now()).status).toBe(200)
  expect(sent).toHaveLength(1)
  await close('helped-by-phone')
  await centre.settled()
  expect(sent).toHaveLength(2)
  expect(await told()).toHaveLength(2)
})

test('a message that does not arrive is a call for an operator: at the incident, and in the list of promised calls', async () => {
  answers = async () => ({ refused: 'not-reachable' })
  await now()
  await centre.settled()
  expect((await told()).map(({ type }) => type)).toEqual(['family-told', 'family-untold'])
  const { items } = (await ana.get<{ items: { kind: string; phone: string; contactName: string }[] }>('/follow-ups'))
    .body
  expect(items).toMatchObject([{ kind: 'tell-family', phone: daughter, contactName: '王芳' }])
})

test('without any way to send it is a call as well', async () => {
  Object.assign(centre.parts, { sms: undefined })
  await close('helped-by-phone')
  expect((await told()).map(({ type }) => type)).toEqual(['family-told', 'family-untold'])
})

test('of several relatives whom nothing reached each stands in the list of promised calls, also when the first was rung already', async () => {
  Object.assign(centre.parts, { sms: undefined })
  await centre.db.query(
    `INSERT INTO contact (id, resident_id, position, name, relation, phone)
     SELECT gen_random_uuid(), resident_id, 9, '王强', '儿子', '+8613900139009' FROM contact WHERE phone = $1`,
    [daughter],
  )
  await now()
  await centre.settled()
  const { items } = (await ana.get<{ items: { contactName: string }[] }>('/follow-ups')).body
  expect(items).toHaveLength(1)
  expect(items[0]?.contactName).toContain('王芳')
  expect(items[0]?.contactName).toContain('王强 +8613900139009')
})
