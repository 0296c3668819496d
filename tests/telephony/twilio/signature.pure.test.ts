import { createHmac } from 'node:crypto'
import fastify from 'fastify'
import twilio from 'twilio'
import { expect, test } from 'vitest'
import type { SmsIn } from '../../../server/contracts/sms.ts'
import type { TwilioCarrier } from '../../../telephony/twilio/carrier.ts'
import { twilioRoutes } from '../../../telephony/twilio/routes.ts'

/**
 * The signature as Twilio's guide describes it, written once more without Twilio's package, so that the package is not held
 * against itself: the address, then each field's name and value in the order of the names; HMAC-SHA1, Base64.
 */
function sign(token: string, url: string, fields: Record<string, string>): string {
  const names = Object.keys(fields).sort()
  const words = url + names.map((name) => name + fields[name]).join('')
  return createHmac('sha1', token).update(words, 'utf8').digest('base64')
}

const url = 'https://mycompany.com/myapp.php?foo=1&bar=2'
const from = (number: string) => ({
  CallSid: 'CA1234567890ABCDE',
  Caller: number,
  Digits: '1234',
  From: number,
  To: '+18005551212',
})
// Of the guide "Webhooks security", and of the tests of Twilio's own libraries; both with the token 12345.
const published = [
  { fields: from('+12349013030'), signature: '0/KCTR6DLpKmkAf8muzZqo1nDgQ=' },
  { fields: from('+14158675309'), signature: 'RSOYDt4T1cUTdK1PDd93/VVr8B8=' },
]

test.each(published)(
  'the signature $signature that Twilio publishes is the one that we reckon and accept',
  ({ fields, signature }) => {
    expect(sign('12345', url, fields)).toBe(signature)
    expect(twilio.validateRequest('12345', signature, url, fields)).toBe(true)
    for (const [token, address, sent] of [
      ['12346', url, fields],
      ['12345', url.replace('https', 'http'), fields],
      ['12345', url.replace('bar=2', 'bar=3'), fields],
      ['12345', url, { ...fields, Digits: '9999' }],
      ['12345', url, { ...fields, More: '1' }],
    ] as const)
      expect(twilio.validateRequest(token, signature, address, { ...sent })).toBe(false)
  },
)

const baseUrl = 'https://yihu.example'
const reports: string[] = []
const app = fastify()
await app.register(twilioRoutes, {
  signingToken: '12345',
  baseUrl,
  carrier: {
    callStatus: (form, legId) => void reports.push(`${legId} ${form['CallStatus']} ${form['Words']}`),
  } as Partial<TwilioCarrier> as TwilioCarrier,
  sms: {} as SmsIn,
  takeSocket: () => {},
})

/** As it comes through a proxy that speaks plain HTTP to us and knows another name for us. */
const send = (path: string, fields: Record<string, string>, signature: string) =>
  app.inject({
    method: 'POST',
    url: path,
    headers: {
      host: '10.0.0.7:3000',
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': signature,
    },
    payload: new URLSearchParams(fields).toString(),
  })

test('behind a proxy the configured address counts, and what is signed may be Chinese, empty, or hold signs of a form', async () => {
  const path = '/twilio/call-status?leg=one%2Ftwo'
  const fields = { Words: '您好 🙏 a+b=c&d%20', CallStatus: 'completed', Empty: '', CallSid: 'CA1' }
  const signature = sign('12345', baseUrl + path, fields)
  expect((await send(path, fields, signature)).statusCode).toBe(204)
  expect(reports).toEqual(['one/two completed 您好 🙏 a+b=c&d%20'])

  const refused = [
    await send(path, fields, sign('12345', `http://10.0.0.7:3000${path}`, fields)),
    await send('/twilio/call-status?leg=three', fields, signature),
    await send(path, { ...fields, Empty: '1' }, signature),
    await send(path, fields, sign('54321', baseUrl + path, fields)),
  ]
  for (const { statusCode, body } of refused) expect({ statusCode, body }).toEqual({ statusCode: 403, body: '' })
  expect(reports).toHaveLength(1)
})
