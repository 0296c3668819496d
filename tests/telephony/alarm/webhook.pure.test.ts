import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decide } from '../../../telephony/alarm/webhook/decide.ts'
import { readSignals } from '../../../telephony/alarm/webhook/read.ts'
import { isSigned, signatureOf } from '../../../telephony/alarm/webhook/signature.ts'

const key = 'a-key-of-a-platform-000000'
const now = new Date('2026-03-15T08:30:00Z')
const seconds = String(now.getTime() / 1000)
const body = Buffer.from('{"signals":[{"account":"a","sequence":1,"type":"button"}]}')

test('a signature of the key holder within five minutes counts; of another key, another body, another time it does not', () => {
  // Made apart from this code: printf '1773563400.%s' "$body" | openssl dgst -sha256 -hmac "$key"
  const signature = '47002fb76250335df26aac471301a6e04be8a53ffaf8eec6cdeb107fe58819d8'
  expect(signatureOf(seconds, body, key)).toBe(signature)
  const ok = { seconds, signature, body }
  expect(isSigned(ok, key, now)).toBe(true)
  expect(isSigned({ ...ok, signature: signature.toUpperCase() }, key, now)).toBe(true)
  expect(isSigned(ok, `${key}x`, now)).toBe(false)
  expect(isSigned({ ...ok, body: Buffer.from('{}') }, key, now)).toBe(false)
  expect(isSigned({ ...ok, seconds: String(Number(seconds) + 1) }, key, now)).toBe(false)
  expect(isSigned(ok, key, new Date(now.getTime() + 299_000))).toBe(true)
  expect(isSigned(ok, key, new Date(now.getTime() + 301_000))).toBe(false)
  expect(isSigned(ok, key, new Date(now.getTime() - 301_000))).toBe(false)
  for (const bad of ['', '1e9', '-5', 'NaN', '99999999999999'])
    expect(isSigned({ ...ok, seconds: bad }, key, now)).toBe(false)
  expect(isSigned({ ...ok, signature: '' }, key, now)).toBe(false)
})

test('each signal is read apart: a broken one of a named device is an unknown signal, one of nobody is none', () => {
  const signals = readSignals(
    Buffer.from(
      JSON.stringify({
        signals: [
          { account: 'a', sequence: 1, type: 'fall', battery: 0.4 },
          { account: 'b', sequence: 'x', type: 'smoke' },
          { account: 'c', sequence: 2, type: 'help' },
          { account: 'd', sequence: 3, type: 'heartbeat', battery: 0.9 },
          { account: 'e', sequence: 4, type: 'cancelled' },
          7,
        ],
      }),
    ),
  )
  const said = signals?.map((one) => one && decide(one))
  expect(said).toMatchObject([
    { is: 'alarm', signal: { type: 'fall', sequence: 1, battery: 0.4, warnings: [] } },
    { is: 'alarm', signal: { type: 'smoke' } },
    { is: 'alarm', signal: { type: 'unknown', sequence: 2, warnings: ['unknown-type'] } },
    { is: 'heard', battery: 0.9 },
    { is: 'note', note: { note: 'cancelled', sequence: 4 } },
    undefined,
  ])
})

test.each(['', '[]', '{}', '{"signals":[]}', '{"signals":7}', JSON.stringify({ signals: Array(101).fill({}) })])(
  '%.30s is no body of signals',
  (text) => {
    expect(readSignals(Buffer.from(text))).toBeUndefined()
  },
)

test('a hundred thousand bodies of any bytes and shapes: none brings it down', () => {
  let state = 7
  const next = (max: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * max)
  }
  for (let i = 0; i < 100_000; i++) {
    const bytes = Buffer.from(body)
    for (let n = 0; n <= next(3); n++) bytes[next(bytes.length)] = next(256)
    for (const one of readSignals(bytes) ?? []) if (one) decide(one)
  }
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      for (const one of readSignals(Buffer.from(JSON.stringify({ signals: [value] }))) ?? []) if (one) decide(one)
    }),
  )
})
