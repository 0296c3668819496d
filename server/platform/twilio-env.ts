import { z } from 'zod'
import { StartFault } from './start-fault.ts'

const e164 = z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be a number like +8657112345678')
const sid = (letters: string) =>
  z.string().regex(new RegExp(`^${letters}[0-9a-f]{32}$`, 'i'), `must be ${letters} and 32 hexadecimal digits`)

/** The settings of the carrier Twilio. Secrets come from here and from nowhere else, and are never logged. */
export const twilioSettings = {
  TWILIO_ACCOUNT_SID: sid('AC').optional(),
  TWILIO_AUTH_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
  TWILIO_API_KEY: sid('SK').optional(),
  TWILIO_API_SECRET: z.string().min(16, 'must have at least 16 characters').optional(),
  TWILIO_SUBACCOUNT_SID: sid('AC').optional(),
  TWILIO_SUBACCOUNT_AUTH_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
  TWILIO_NUMBER: e164.optional(),
  OVERFLOW_NUMBER: e164.optional(),
}

export type TwilioEnv = {
  /** Whose calls and messages they are: the sub-account if there is one. */
  accountSid: string
  /** Who asks the REST interface: an API key if there is one, else the account itself. */
  username: string
  password: string
  /** What the webhooks are signed with. Those of a sub-account are signed with its own token, and never with an API key. */
  signingToken: string
  /** Our caller id, and who our messages are from. */
  number: string
  baseUrl: string
}

/** Its webhooks are answered by the process that has the sound: one with both roles, and one alone. */
export function twilioRoles(twilio: TwilioEnv | undefined, roles: string[]): void {
  if (twilio && roles.includes('web') !== roles.includes('media'))
    throw new StartFault(
      'Twilio is configured, and its calls need the roles web and media in one process: set ROLES to web,media (worker may be another), or leave TWILIO_* out of the environment of this process.',
    )
}

type Given = { [name in keyof typeof twilioSettings | 'PUBLIC_BASE_URL']?: string | undefined }

/** Undefined without the account; half a configuration is a StartFault that says which half is missing. */
export function twilioEnv(env: Given): TwilioEnv | undefined {
  const any = Object.entries(env).find(([name, value]) => name.startsWith('TWILIO_') && value !== undefined)
  if (!any) return undefined
  const accountSid = needed(env, 'TWILIO_ACCOUNT_SID')
  const authToken = needed(env, 'TWILIO_AUTH_TOKEN')
  const number = needed(env, 'TWILIO_NUMBER')
  const baseUrl = env.PUBLIC_BASE_URL
  if (!baseUrl?.startsWith('https://'))
    throw new StartFault(
      'Twilio is configured, and it must reach us: set PUBLIC_BASE_URL to the https address under which it does, such as https://yihu.example.',
    )
  together(env, 'TWILIO_API_KEY', 'TWILIO_API_SECRET')
  together(env, 'TWILIO_SUBACCOUNT_SID', 'TWILIO_SUBACCOUNT_AUTH_TOKEN')
  const account = env.TWILIO_SUBACCOUNT_SID ?? accountSid
  const token = env.TWILIO_SUBACCOUNT_AUTH_TOKEN ?? authToken
  return {
    accountSid: account,
    username: env.TWILIO_API_KEY ?? account,
    password: env.TWILIO_API_SECRET ?? token,
    signingToken: token,
    number,
    baseUrl,
  }
}

function needed(env: Given, name: keyof Given): string {
  const value = env[name]
  if (!value)
    throw new StartFault(
      `Twilio is configured in part: set ${name} as well, or remove the other settings that begin with TWILIO_.`,
    )
  return value
}

function together(env: Given, one: keyof Given, other: keyof Given): void {
  if ((env[one] === undefined) !== (env[other] === undefined))
    throw new StartFault(`${one} and ${other} belong together: set both, or neither.`)
}
