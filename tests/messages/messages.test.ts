import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CallText } from '../../server/contracts/calls.ts'
import type { SmsGateway, SmsHeard } from '../../server/contracts/sms.ts'
import { load } from '../../server/incidents/store.ts'
import { messagesIn } from '../../server/messages/commands.ts'
import { passTyping } from '../../server/messages/typing.ts'
import { type Centre, startCentre } from '../support/centre.ts'

type Operator = Awaited<ReturnType<Centre['as']>>
let centre: Centre
let ana: Operator
let wang: { id: string; phone: string }
let sent: { to: string; body: string; reference: string }[]
let answers: SmsGateway['send']

beforeEach(async () => {
  centre = await startCentre()
  ana = await centre.as('op01')
  sent = []
  answers = async () => ({ id: `SM${sent.length}` })
  centre.parts.sms = {
    send: (message) => {
      sent.push(message)
      return answers(message)
    },
  }
  const [row] = await centre.db.query<{ id: string; phone: string }>(
    `SELECT r.id, r.phone FROM resident r WHERE r.phone IS NOT NULL AND r.languages[1] = 'zh' AND r.line_class = 2
       AND (SELECT count(*) FROM resident o WHERE o.phone = r.phone) = 1 ORDER BY r.id LIMIT 1`,
  )
  wang = row as typeof wang
})
afterEach(() => centre.close())

let count = 0
const hears = async (text: string, more: Partial<SmsHeard> = {}) => {
  const message = {
    id: `SM-in-${++count}`,
    from: wang.phone,
    to: '+8657112349000',
    text,
    media: 0,
    keyword: null,
    ...more,
  }
  centre.clock.forward(1_000)
  await messagesIn(centre.parts).heard(message)
  return message
}
const conversations = () =>
  centre.db.query<{ id: string; status: string; incident: string; medium: string; line: string }>(
    `SELECT id, status, incident_id AS incident, medium, line FROM call WHERE medium = 'text' ORDER BY offered_at, id`,
  )
const only = async () => {
  const all = await conversations()
  expect(all).toHaveLength(1)
  return all[0] as (typeof all)[number]
}
const lines = async (id: string) => (await ana.get<{ items: CallText[] }>(`/calls/${id}/texts`)).body.items
const answered = async () => {
  await ana.available()
  await centre.phone.headset(ana.id)
  await hears('我家水管爆了')
  await centre.work()
  const call = await only()
  await ana.post(`/incidents/${call.incident}/answer`)
  return call
}
const write = (id: string, text: string, clientId = `line-of-ana-${++count}`) =>
  ana.post(`/calls/${id}/texts`, { clientId, text })
const referenceOf = (n: number) => sent[n]?.reference as string

describe('a message comes', () => {
  test('it opens an incident of the resident in the same queue with the same targets, and rings', async () => {
    await ana.available()
    await centre.phone.headset(ana.id)
    await hears('我家水管爆了 💧')
    await centre.work(2)
    const call = await only()
    expect(call).toMatchObject({ status: 'ringing', line: '+8657112349000' })
    expect(await load(centre.db, call.incident)).toMatchObject({
      kind: 'call',
      class: 2,
      status: 'waiting',
      residentId: wang.id,
    })
    expect((await ana.get<{ items: object[] }>('/offers')).body.items).toHaveLength(1)
    await ana.post(`/incidents/${call.incident}/answer`)
    expect(await lines(call.id)).toMatchObject([
      { n: 1, side: 'caller', text: '我家水管爆了 💧', state: null, media: 0 },
    ])
  })

  test('the same message again stores nothing, also after its conversation is over', async () => {
    const call = await answered()
    const message = await hears('还在漏')
    await messagesIn(centre.parts).heard(message)
    expect(await lines(call.id)).toHaveLength(2)
    await ana.post(`/calls/${call.id}/hang-up`)
    await messagesIn(centre.parts).heard(message)
    expect((await only()).status).toBe('ended')
  })

  test('the next goes on with the open conversation; after it was ended, one in the same incident; after that, a new one', async () => {
    const first = await answered()
    await hears('在三楼')
    expect(await lines(first.id)).toHaveLength(2)
    await ana.post(`/calls/${first.id}/hang-up`)
    await hears('还有一件事')
    const [, second] = await conversations()
    expect(second).toMatchObject({ incident: first.incident, status: 'queued' })
    await ana.post(`/calls/${second?.id}/answer`)
    await ana.post(`/calls/${second?.id}/hang-up`)
    await ana.post(`/incidents/${first.incident}/resolve`)
    await hears('又漏了')
    const [, , third] = await conversations()
    expect(third?.incident).not.toBe(first.incident)
    expect(await load(centre.db, third?.incident as string)).toMatchObject({ status: 'waiting', residentId: wang.id })
  })

  test('two first messages at the same moment open one conversation with both', async () => {
    await Promise.all([hears('救命'), hears('快来'), hears('我在家')])
    const call = await only()
    const rows = await centre.db.query('SELECT n FROM call_text WHERE call_id = $1 ORDER BY n', [call.id])
    expect(rows).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
  })

  test('an unknown number is somebody whom the operator has to ask who they are', async () => {
    await hears('help me', { from: '+8619900092081' })
    const { incident } = await only()
    expect(await load(centre.db, incident)).toMatchObject({ residentId: null, language: 'en', status: 'waiting' })
  })

  test('silence ends nothing: ten minutes later the conversation is still there, and still waits', async () => {
    await hears('有人吗')
    await centre.pass(600)
    expect((await only()).status).toBe('queued')
  })

  test('pictures cannot be seen here, and their sender is told so once', async () => {
    const call = await answered()
    const message = await hears('', { media: 2 })
    await messagesIn(centre.parts).heard(message)
    await centre.work(2)
    expect(sent).toMatchObject([{ to: wang.phone, body: expect.stringContaining('看不到图片') }])
    expect((await lines(call.id)).slice(1)).toMatchObject([
      { side: 'caller', text: '', media: 2 },
      { side: 'operator', state: 'sent', media: 0 },
    ])
  })

  test('whoever goes on sending pictures is told again only after an hour', async () => {
    await answered()
    for (let i = 0; i < 3; i++) await hears('', { media: 1 })
    await centre.work()
    expect(sent).toHaveLength(1)
    centre.clock.forward(60 * 60_000)
    await hears('', { media: 1 })
    await centre.work()
    expect(sent).toHaveLength(2)
  })

  test('STOP from somebody who asks for nothing opens nothing; in a conversation it is shown to the operator', async () => {
    await hears('STOP', { keyword: 'stop' })
    expect(await conversations()).toEqual([])
    const call = await answered()
    await hears('STOP', { keyword: 'stop' })
    expect((await lines(call.id)).at(-1)).toMatchObject({ text: 'STOP' })
  })

  test('what is written lies sealed in the database', async () => {
    await hears('我家水管爆了')
    const [stored] = await centre.db.query<{ plain: boolean }>(
      `SELECT position(convert_to('水管', 'UTF8') IN sealed) > 0 AS plain FROM call_text`,
    )
    expect(stored?.plain).toBe(false)
  })
})

describe('the operator writes', () => {
  test('the line goes out once, however often it is stored and the job runs, and shows how far it came', async () => {
    const call = await answered()
    await write(call.id, '马上派人来 🚰', 'same-line')
    await write(call.id, '马上派人来 🚰', 'same-line')
    expect((await lines(call.id)).at(-1)?.state).toBe('waiting')
    await centre.work(2)
    expect(sent).toEqual([{ to: wang.phone, body: '马上派人来 🚰', reference: `${call.id}.2` }])
    expect((await lines(call.id)).at(-1)?.state).toBe('sent')
    await messagesIn(centre.parts).reported({ reference: referenceOf(0), state: 'delivered', refused: null })
    expect((await lines(call.id)).at(-1)?.state).toBe('delivered')
  })

  test('reports twice and out of order end at the same: delivered stays delivered', async () => {
    const call = await answered()
    await write(call.id, '好的')
    await centre.work()
    const before = centre.pushed.length
    for (const state of ['delivered', 'sent', 'delivered', 'failed'] as const)
      await messagesIn(centre.parts).reported({ reference: referenceOf(0), state, refused: null })
    expect((await lines(call.id)).at(-1)?.state).toBe('delivered')
    expect(centre.pushed.slice(before).filter(({ name }) => name === 'call.changed')).toHaveLength(1)
    await messagesIn(centre.parts).reported({ reference: 'no-such-line', state: 'sent', refused: null })
  })

  test('a report that overtakes the answer of the gateway is kept', async () => {
    const call = await answered()
    answers = async ({ reference }) => {
      await messagesIn(centre.parts).reported({ reference, state: 'delivered', refused: null })
      return { id: 'SM1' }
    }
    await write(call.id, '好的')
    await centre.work()
    expect((await lines(call.id)).at(-1)?.state).toBe('delivered')
  })

  test.each(['opted-out', 'not-reachable', 'not-allowed'] as const)(
    'refused as %s, it is shown as failed with the reason',
    async (refused) => {
      const call = await answered()
      answers = async () => ({ refused })
      await write(call.id, '好的')
      await centre.work()
      expect((await lines(call.id)).at(-1)).toMatchObject({ state: 'failed', failedBecause: refused })
      expect(sent).toHaveLength(1)
    },
  )

  test('with the gateway away it is tried again, and after five minutes told as failed', async () => {
    const call = await answered()
    answers = async () => {
      throw new Error('away')
    }
    await write(call.id, '好的')
    await expect(centre.parts.sms?.send({ to: '', body: '', reference: '' })).rejects.toThrow('away')
    await centre.work().catch(() => {})
    expect((await lines(call.id)).at(-1)?.state).toBe('waiting')
    answers = async () => ({ id: 'SM1' })
    centre.clock.forward(31_000)
    await centre.work()
    expect((await lines(call.id)).at(-1)?.state).toBe('sent')
    await write(call.id, '还有')
    centre.clock.forward(301_000)
    await ana.beat()
    await centre.work()
    expect((await lines(call.id)).at(-1)).toMatchObject({ state: 'failed', failedBecause: 'outage' })
  })

  test('with no gateway at all it says so at once', async () => {
    const call = await answered()
    centre.parts.sms = undefined
    await write(call.id, '好的')
    await centre.work()
    expect((await lines(call.id)).at(-1)).toMatchObject({ state: 'failed', failedBecause: 'no-gateway' })
  })

  test('a colleague who does not have the conversation cannot write in it', async () => {
    const call = await answered()
    const ben = await centre.as('op02')
    expect((await ben.post(`/calls/${call.id}/texts`, { clientId: 'line-of-ben', text: '你好' })).status).toBe(403)
    await centre.work()
    expect(sent).toEqual([])
  })
})

test('who writes from a web telephone and who answers see what the other is typing; another number has no part in it', async () => {
  await hears('请帮我看看')
  const { id, incident } = await only()
  const wangs = { kind: 'phone', number: wang.phone } as const
  const types = async (from: Parameters<typeof passTyping>[1], said: object) => {
    centre.pushed.length = 0
    await passTyping(centre.parts, from, said)
    return centre.pushed.map(({ to, payload }) => ({ to, payload }))
  }
  expect(await types(wangs, { text: '漏' })).toEqual([]) // nobody reads it yet
  await ana.available()
  await centre.work(2)
  await ana.post(`/incidents/${incident}/answer`)
  expect(await types(wangs, { text: '漏水' })).toEqual([
    { to: `operator:${ana.id}`, payload: { callId: id, text: '漏水' } },
  ])
  const operator = { kind: 'operator', accountId: ana.id } as const
  expect(await types(operator, { callId: id, text: '在哪' })).toEqual([
    { to: `phone:${wang.phone}`, payload: { callId: id, text: '在哪' } },
  ])
  const stranger = { kind: 'phone', number: '+8619900092081' } as const
  for (const said of [{ text: '坏' }, { callId: id, text: '坏' }]) expect(await types(stranger, said)).toEqual([])
  expect(await types({ kind: 'phone', number: null }, { text: '坏' })).toEqual([])
})
