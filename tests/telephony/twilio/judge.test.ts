import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { twilioRest } from '../../../telephony/twilio/rest.ts'
import { LoopbackClient } from '../../support/twilio.ts'
import { judgeMissing, startJudge } from '../../support/twilio-judge.ts'

/** A judge that lets everything pass would be worse than none: what it must refuse is sent by hand, without any client. */
describe.skipIf(judgeMissing)(`Twilio's own description${judgeMissing ? `, without ${judgeMissing}` : ''}`, () => {
  let judge: Awaited<ReturnType<typeof startJudge>>
  beforeAll(async () => {
    judge = await startJudge()
  })
  afterAll(() => judge?.close())

  const account = 'AC00000000000000000000000000000001'
  const call = 'CA00000000000000000000000000000001'
  const basic = `Basic ${Buffer.from(`${account}:secret`).toString('base64')}`

  async function send(path: string, fields: [string, string][], authorization: string | undefined = basic) {
    const reply = await fetch(`${judge.url}/2010-04-01/Accounts/${account}/${path}`, {
      method: 'POST',
      headers: { ...(authorization && { authorization }) },
      body: new URLSearchParams(fields),
    })
    return { status: reply.status, text: await reply.text() }
  }

  const order: [string, string][] = [
    ['To', '+8613800138000'],
    ['From', '+8657112349'],
    ['Url', 'https://yihu.example/twilio/connect/1'],
    ['StatusCallback', 'https://yihu.example/twilio/call-status'],
    ['StatusCallbackEvent', 'initiated'],
    ['StatusCallbackEvent', 'completed'],
    ['Timeout', '40'],
  ]
  const without = (name: string) => order.filter(([field]) => field !== name)

  test('takes an order to call somebody, with every report that we ask for', async () => {
    expect((await send('Calls.json', order)).status).toBe(201)
  })

  test('refuses a call to nobody, an address that is none, and a time that is no number', async () => {
    const faults: [string, string][][] = [
      without('To'),
      [...without('Url'), ['Url', 'not an address']],
      [...without('Timeout'), ['Timeout', 'soon']],
    ]
    for (const fields of faults) expect((await send('Calls.json', fields)).status).toBe(422)
  })

  test('ends a call in the words that Twilio has for it, and in no others', async () => {
    expect((await send(`Calls/${call}.json`, [['Status', 'completed']])).status).toBe(200)
    expect((await send(`Calls/${call}.json`, [['Status', 'ended']])).status).toBe(422)
    expect((await send('Calls/CA1.json', [['Status', 'completed']])).status).toBe(422)
  })

  test('refuses whoever shows no account, and a place that Twilio does not have', async () => {
    expect((await send('Calls.json', order, '')).status).toBe(401)
    expect((await send('Texts.json', order)).status).toBe(404)
  })

  const rest = () =>
    twilioRest({ accountSid: account, username: account, password: 'secret' }, new LoopbackClient(judge.url))
  const placed = {
    to: '+8613800138000',
    from: '+8657112349',
    url: 'https://yihu.example/twilio/connect/1',
    statusCallback: 'https://yihu.example/twilio/call-status?leg=1',
    ringSeconds: 40,
  }
  const message = {
    to: '+8613800138000',
    from: '+8657112349',
    body: '您好，我们马上到。🙏 '.repeat(40),
    statusCallback: 'https://yihu.example/twilio/sms-status?line=1',
  }

  test('knows all that we ask, as we ask it: to call, to end a call, how it stands, to send a long text with emoji', async () => {
    expect(await rest().placeCall(placed)).toEqual({ sid: expect.any(String) })
    await rest().endCall(call)
    expect(await rest().callStatus(call)).toEqual(expect.any(String))
    expect(await rest().sendMessage(message)).toMatchObject({ status: expect.any(String) })
  })

  test('refuses what is wrong of ours, and we say so in words that repeat no number', async () => {
    const wrong = { ...placed, url: 'not an address' }
    await expect(rest().placeCall(wrong)).rejects.toThrow('Twilio refuses the request with status 422')
    await expect(rest().endCall('CA1')).rejects.toMatchObject({ status: 422, again: false })
  })
})
