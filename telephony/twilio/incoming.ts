import type { PromptLocale } from '../../server/contracts/voice.ts'

/** A webhook's fields; one that was sent twice is a list. */
export type Form = Record<string, string | string[]>

export const field = (form: Form, name: string): string => {
  const value = form[name]
  return (Array.isArray(value) ? value[0] : value) ?? ''
}

export type Incoming = {
  callSid: string
  /** E.164; null when they withhold it. */
  number: string | null
  line: string
  locale: PromptLocale
  /** The networks on the way vouch that the caller may use this number (STIR/SHAKEN level A); null when they say nothing. */
  verified: boolean | null
}

// What Twilio writes for callers who withhold their number: letters, or their digits on the keys of a telephone.
// See "Why am I getting calls from these strange numbers" of Twilio's help.
const withheld = new Set(['266696687', '7378742833', '2562533', '8656696', '86282452253', '464'])

const e164 = /^\+[1-9]\d{6,14}$/

/** A number as it can be rung; null for one withheld or that is none: a SIP address, a client, digits of some exchange. */
export function callerNumber(from: string): string | null {
  const digits = from.replace(/^\+/, '')
  return e164.test(from) && !withheld.has(digits) ? from : null
}

export function readIncoming(form: Form): Incoming | undefined {
  const callSid = field(form, 'CallSid')
  if (!/^CA[0-9a-f]{32}$/i.test(callSid)) return undefined
  const number = callerNumber(field(form, 'From'))
  return {
    callSid,
    number,
    line: field(form, 'To').slice(0, 20),
    locale: localeOf(number),
    verified: verdictOf(field(form, 'StirVerstat')),
  }
}

/** Level A: the caller is known and may use the number. B and C vouch for less, a failure for nothing. */
export function verdictOf(stirVerstat: string): boolean | null {
  if (stirVerstat === '') return null
  return stirVerstat.startsWith('TN-Validation-Passed-A')
}

/** A foreign telephone is greeted in English, all others in Chinese. */
const localeOf = (number: string | null): PromptLocale =>
  number === null || /^\+(86|852|853|886)/.test(number) ? 'zh-CN' : 'en'
