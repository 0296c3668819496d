import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SmsGateway } from '../../server/contracts/sms.ts'
import { sendQueued } from '../../server/dispatch/deliver.ts'
import { answerByMessage, messagesTo } from '../../server/dispatch/messages.ts'
import { messagesIn } from '../../server/messages/commands.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

// Responders are told by message through a gateway; the one here keeps what it was given, and may be away.
let centre: Centre
let ana: Awaited<ReturnType<Centre['as']>>
let id: string
let sent: { to: string; body: string; reference: string }[]
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
let received = 0
const says = (from: string | undefined, text: string, id = `SM-in-${++received}`) =>
  answerByMessage(centre.parts, { id, from: from as string, text })
/** As it comes from the gateway: what is no answer goes to an operator. */
const arrives = (from: string | undefined, text: string, id = `SM-in-${++received}`) =>
  messagesTo(centre.parts, messagesIn(centre.parts)).heard({
    id,
    from: from as string,
    to: '12349',
    text,
    media: 0,
    keyword: null,
  })
const conversations = () => centre.db.query(`SELECT 1 FROM call WHERE medium = 'text'`)
const openAssignments = async (assignment: string | undefined) => {
  const [row] = await centre.db.query<{ open: number }>(
    'SELECT open_assignments AS open FROM responder WHERE id = (SELECT responder_id FROM assignment WHERE id = $1)',
    [assignment],
  )
  return row?.open
}
const reports = (to: string | undefined, state: 'delivered' | 'failed') =>
  messagesTo(centre.parts, messagesIn(centre.parts)).reported({
    reference: sent.find((one) => one.to === to)?.reference as string,
    state,
    refused: state === 'failed' ? 'not-reachable' : null,
  })
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
  expect(await says(first?.phone, ' １ ')).toBe(true)
  expect((await asked()).find((one) => one.id === first?.id)?.status).toBe('accepted')
  expect(sent[0]?.to).toBe(first?.phone)
  expect(sent[0]?.body).toContain('/r/')
  await centre.work()
  const after = await statuses()
  expect(await says(first?.phone, '1')).toBe(true)
  expect(await statuses()).toEqual(after)
  expect(after.filter((status) => status === 'accepted')).toHaveLength(1)
})

test('2 declines; one who was stood down meanwhile is told that it is over', async () => {
  const [first, second] = await dispatched()
  await says(first?.phone, '2')
  expect((await asked()).find((one) => one.id === first?.id)?.status).toBe('declined')
  await centre.db.query(`UPDATE assignment SET status = 'stood-down' WHERE id = $1`, [second?.id])
  sent = []
  expect(await says(second?.phone, '1')).toBe(true)
  expect((await asked()).find((one) => one.id === second?.id)?.status).toBe('stood-down')
  expect(sent.map(({ to }) => to)).toEqual([second?.phone])
})

test('a word, a number that was not asked, and a digit after ten minutes are messages like any other', async () => {
  const [first] = await dispatched()
  const from = first?.phone as string
  expect(await says(from, '1 我马上到')).toBe(false)
  expect(await says('+8613812345678', '1')).toBe(false)
  centre.clock.forward(10 * 60_000 + 1)
  expect(await says(from, '1')).toBe(false)
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

test('2 from one who had accepted hands it back: they are told so, are free again, and the next are asked', async () => {
  const [first] = await dispatched()
  await says(first?.phone, '1')
  await centre.work()
  expect(await openAssignments(first?.id)).toBe(1)
  await ana.beat()
  centre.clock.forward(11 * 60_000)
  await ana.beat()
  sent = []
  expect(await says(first?.phone, '2')).toBe(true)
  await centre.work()
  expect((await asked()).find((one) => one.id === first?.id)?.status).toBe('declined')
  expect(await openAssignments(first?.id)).toBe(0)
  expect(sent.filter(({ to }) => to === first?.phone).map(({ body }) => body)).toHaveLength(1)
  const facts = await centre.db.query(`SELECT 1 FROM fact WHERE incident_id = $1 AND type = 'handed-back'`, [id])
  expect(facts).toHaveLength(1)
  expect(await statuses()).toContain('requested')
})

test('a digit that fits nothing we know goes to an operator: here of one who was done already', async () => {
  const [first] = await dispatched()
  await says(first?.phone, '1')
  const page = (sent.find(({ to, body }) => to === first?.phone && body.includes('/r/'))?.body ?? '').match(
    /\/r\/([\w-]+)/,
  )?.[1]
  for (const report of ['on-scene', 'done']) await centre.ask('POST', `/r/${page}/${report}`, {}, {})
  expect((await asked()).find((one) => one.id === first?.id)?.status).toBe('cleared')
  await arrives(first?.phone, '2', 'SM-late')
  expect(await conversations()).toHaveLength(1)
  await arrives(first?.phone, '2', 'SM-late')
  expect(await centre.db.query('SELECT 1 FROM call_text')).toHaveLength(1)
})

test('the same message again acts no more, whatever has been asked of them since', async () => {
  const [first] = await dispatched()
  await says(first?.phone, '1', 'SM-one')
  await says(first?.phone, '2', 'SM-two')
  await centre.db.query(`UPDATE assignment SET status = 'requested', ended_at = NULL WHERE id = $1`, [first?.id])
  expect(await says(first?.phone, '1', 'SM-one')).toBe(true)
  expect((await asked()).find((one) => one.id === first?.id)?.status).toBe('requested')
  expect(await says(first?.phone, '1', 'SM-three')).toBe(true)
  expect((await asked()).find((one) => one.id === first?.id)?.status).toBe('accepted')
})

test('what became of a message is kept: delivered after sent, and of two ends the first', async () => {
  const [first] = await dispatched()
  const status = async () =>
    (await centre.db.query<{ status: string }>('SELECT status FROM message WHERE phone = $1', [first?.phone]))[0]
      ?.status
  await reports(first?.phone, 'delivered')
  expect(await status()).toBe('delivered')
  await reports(first?.phone, 'failed')
  expect(await status()).toBe('delivered')
})

test('a request that is not delivered is shown beside the helper, and when nobody else is awaited the next are asked', async () => {
  const rows = await dispatched()
  for (const { phone } of rows.slice(1)) await says(phone, '2')
  await centre.work()
  expect(await asked()).toHaveLength(rows.length)
  await reports(rows[0]?.phone, 'failed')
  await reports(rows[0]?.phone, 'failed')
  await centre.work()
  const all = await asked()
  expect(all.length).toBeGreaterThan(rows.length)
  expect(all.find((one) => one.id === rows[0]?.id)?.status).toBe('requested')
  const shown = (await ana.get<{ assignments: { id: string; undeliveredAt: string | null }[] }>(`/incidents/${id}`))
    .body
  const told = shown.assignments.filter((one) => one.undeliveredAt)
  expect(told.map((one) => one.id)).toEqual([rows[0]?.id])
  // They look at their page all the same.
  expect(await says(rows[0]?.phone, '1')).toBe(true)
  expect((await asked()).find((one) => one.id === rows[0]?.id)?.status).toBe('accepted')
})

test('with nobody left to ask, who was not reached still has their time, and then the leaders hear', async () => {
  const rows = await dispatched()
  await centre.db.query('UPDATE responder SET on_duty = false WHERE phone <> ALL ($1)', [
    rows.map(({ phone }) => phone),
  ])
  for (const { phone } of rows) await reports(phone, 'failed')
  await centre.work()
  const exhausted = () =>
    centre.db.query(`SELECT 1 FROM fact WHERE incident_id = $1 AND type = 'waves-exhausted'`, [id])
  expect(await exhausted()).toHaveLength(0)
  await ana.beat()
  await centre.pass(61)
  expect(await exhausted()).toHaveLength(1)
  expect(new Set(await statuses())).toEqual(new Set(['expired']))
})

test('the gateway fails just when a helper accepts: the answer stands, and the link goes out as soon as it can', async () => {
  const [first] = await dispatched()
  answers = async () => {
    throw new Error('away')
  }
  expect(await says(first?.phone, '1')).toBe(true)
  expect((await asked()).find((one) => one.id === first?.id)?.status).toBe('accepted')
  sent = []
  answers = async (message) => {
    sent.push(message)
    return { id: 'SM' }
  }
  centre.clock.forward(16_000)
  await sendQueued(centre.parts)
  expect(sent.filter(({ to }) => to === first?.phone).map(({ body }) => /\/r\/\S+/.test(body))).toEqual([true])
  await sendQueued(centre.parts)
  expect(sent.filter(({ to }) => to === first?.phone)).toHaveLength(1)
})

test.each(['1.', '1。', ' 1 !', '１'])('%j is the answer 1', async (text) => {
  const [first] = await dispatched()
  expect(await says(first?.phone, text)).toBe(true)
  expect((await asked()).find((one) => one.id === first?.id)?.status).toBe('accepted')
})
