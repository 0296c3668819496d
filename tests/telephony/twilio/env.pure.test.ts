import { describe, expect, test } from 'vitest'
import { readEnv } from '../../../server/platform/env.ts'

const account = {
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'a'.repeat(32),
  TWILIO_NUMBER: '+8657112345678',
  PUBLIC_BASE_URL: 'https://yihu.example',
}
const reading = (settings: object) => () => readEnv(settings as NodeJS.ProcessEnv)

describe('the settings of Twilio', () => {
  test('without any, there is no such carrier', () => {
    expect(readEnv({}).twilio).toBeUndefined()
  })
  test('the account alone asks and signs for itself', () => {
    expect(reading(account)().twilio).toEqual({
      accountSid: account.TWILIO_ACCOUNT_SID,
      username: account.TWILIO_ACCOUNT_SID,
      password: account.TWILIO_AUTH_TOKEN,
      signingToken: account.TWILIO_AUTH_TOKEN,
      number: '+8657112345678',
      baseUrl: 'https://yihu.example',
    })
  })
  test('an API key asks; the webhooks are still signed with the token', () => {
    const key = { TWILIO_API_KEY: `SK${'1'.repeat(32)}`, TWILIO_API_SECRET: 's'.repeat(32) }
    expect(reading({ ...account, ...key })().twilio).toMatchObject({
      username: key.TWILIO_API_KEY,
      password: key.TWILIO_API_SECRET,
      signingToken: account.TWILIO_AUTH_TOKEN,
    })
  })
  test('a sub-account has its own token, for asking and for signatures', () => {
    const sub = { TWILIO_SUBACCOUNT_SID: `AC${'2'.repeat(32)}`, TWILIO_SUBACCOUNT_AUTH_TOKEN: 'b'.repeat(32) }
    expect(reading({ ...account, ...sub })().twilio).toMatchObject({
      accountSid: sub.TWILIO_SUBACCOUNT_SID,
      username: sub.TWILIO_SUBACCOUNT_SID,
      password: sub.TWILIO_SUBACCOUNT_AUTH_TOKEN,
      signingToken: sub.TWILIO_SUBACCOUNT_AUTH_TOKEN,
    })
  })
  test.each([
    ['no token', { TWILIO_AUTH_TOKEN: undefined }, 'TWILIO_AUTH_TOKEN'],
    ['no number', { TWILIO_NUMBER: undefined }, 'TWILIO_NUMBER'],
    ['a number without its country', { TWILIO_NUMBER: '057112345678' }, 'TWILIO_NUMBER'],
    ['an account that is none', { TWILIO_ACCOUNT_SID: 'AC12' }, 'TWILIO_ACCOUNT_SID'],
    ['no public address', { PUBLIC_BASE_URL: undefined }, 'PUBLIC_BASE_URL'],
    ['a public address without encryption', { PUBLIC_BASE_URL: 'http://yihu.example' }, 'https'],
    ['half an API key', { TWILIO_API_KEY: `SK${'1'.repeat(32)}` }, 'TWILIO_API_SECRET'],
    ['half a sub-account', { TWILIO_SUBACCOUNT_SID: `AC${'1'.repeat(32)}` }, 'TWILIO_SUBACCOUNT_AUTH_TOKEN'],
    ['an overflow number that is none', { OVERFLOW_NUMBER: '120' }, 'OVERFLOW_NUMBER'],
  ])('%s stops the start with words that name what to set', (_case, change, named) => {
    expect(reading({ ...account, ...change })).toThrow(named)
  })
  test('no fault repeats a secret', () => {
    const secret = 'shortsecret'
    expect(reading({ ...account, TWILIO_AUTH_TOKEN: secret })).toThrow(/^(?!.*shortsecret)/)
  })
})
