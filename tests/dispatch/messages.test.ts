import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SmsGateway } from '../../server/contracts/sms.ts'
import { answerByMessage } from '../../server/dispatch/messages.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

// Responders are told by message through a gateway; the one here keeps what it was given, and may be away.
let centre: Centre
let ana: Awaited<ReturnType<Centre['as']>>
let id: string
let sent: { to: string; body: string }[]
let answers: SmsGateway['send']
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
  const [device] = await devicesIn(centre)
  id = (await centre.press(device as { key: string })).body.incidentId
  await ana.post(`/incidents/${id}/answer`)
  await ana.post(`/incidents/${id}/classify`, { catalogueCode: 'fall-help', class: 2, answers: {} })
})
afterEach(() => centre.close())

type Row = { id: string; status: string; phone: string; language: string }
const asked = () =>
  centre.db.query<Row>(
    `SELECT s.id, s.status, r.phone, r.languages[1] AS language FROM assignment s JOIN responder r ON r.id = s.responder_id WHERE s.incident_id = $1 ORDER BY s.id`,
    [id],
  )
const dispatched = async () => {
  await ana.post(`/incidents/${id}/dispatch`, {})
  await centre.work()
  return asked()
}
const statuses = async () => (await asked()).map(({ status }) => status).sort()

test('each who is asked gets a message with a link and two digits to answer with', async () => {
  const rows = await dispatched()
  expect(sent.map(({ to }) => to).sort()).toEqual(rows.map(({ phone }) => phone).sort())
  for (const { body } of sent) expect(body).toMatch(/https?:\/\/\S+\/r\/\S+ .*1.*2/)
  const stored = await centre.db.query<{ status: string }>(`SELECT DISTINCT status FROM message WHERE channel = 'sms'`)
  expect(stored).toEqual([{ status: 'sent' }])
})

test('1 takes the request and is answered with where it is; the others are stood down, and a second 1 changes nothing', async () => {
  const [first] = await dispatched()
  sent = []
  expect(await answerByMessage(centre.parts, { from: first?.phone as string, text: ' １ ' })).toBe(true)
  expect((await asked()).find((one) => one.id === first?.id)?.status).toBe('accepted')
  expect(sent[0]?.to).toBe(first?.phone)
  expect(sent[0]?.body).toContain('/r/')
  await centre.work()
  const after = await statuses()
  expect(await answerByMessage(centre.parts, { from: first?.phone as string, text: '1' })).toBe(true)
  expect(await statuses()).toEqual(after)
  expect(after.filter((status) => status === 'accepted')).toHaveLength(1)
})

test('2 declines; one who was stood down meanwhile is told that it is over', async () => {
  const [first, second] = await dispatched()
  await answerByMessage(centre.parts, { from: first?.phone as string, text: '2' })
  expect((await asked()).find((one) => one.id === first?.id)?.status).toBe('declined')
  await centre.db.query(`UPDATE assignment SET status = 'stood-down' WHERE id = $1`, [second?.id])
  sent = []
  expect(await answerByMessage(centre.parts, { from: second?.phone as string, text: '1' })).toBe(true)
  expect((await asked()).find((one) => one.id === second?.id)?.status).toBe('stood-down')
  expect(sent.map(({ to }) => to)).toEqual([second?.phone])
})

test('a word, a number that was not asked, and a digit after ten minutes are messages like any other', async () => {
  const [first] = await dispatched()
  const from = first?.phone as string
  expect(await answerByMessage(centre.parts, { from, text: '1 我马上到' })).toBe(false)
  expect(await answerByMessage(centre.parts, { from: '+8613812345678', text: '1' })).toBe(false)
  centre.clock.forward(10 * 60_000 + 1)
  expect(await answerByMessage(centre.parts, { from, text: '1' })).toBe(false)
})

test('while the gateway is away the message waits and is sent when it is back, once', async () => {
  const kept = answers
  answers = async () => {
    throw new Error('away')
  }
  await ana.post(`/incidents/${id}/dispatch`, {})
  await centre.work().catch(() => {})
  const waiting = await centre.db.query(`SELECT 1 FROM message WHERE status = 'queued'`)
  expect(waiting.length).toBeGreaterThan(0)
  answers = kept
  for (let i = 0; i < 3; i++) await centre.pass(15)
  const rows = await asked()
  const told = rows.filter(({ status }) => status === 'requested')
  for (const { phone } of told) expect(sent.filter(({ to }) => to === phone).length).toBeLessThanOrEqual(1)
})
