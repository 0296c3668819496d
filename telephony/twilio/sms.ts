import type { SmsGateway, SmsHeard, SmsRefusal, SmsReported } from '../../server/contracts/sms.ts'
import { callerNumber, type Form, field } from './incoming.ts'
import { TwilioFault, type TwilioRest } from './rest.ts'
import { urlsOf } from './twiml.ts'

const messageSid = /^(SM|MM)[0-9a-f]{32}$/i

/** Undefined for what is no message of somebody who could be answered: a short code's advertisement, a broken form. */
export function readSms(form: Form): SmsHeard | undefined {
  const id = field(form, 'MessageSid')
  const from = callerNumber(field(form, 'From'))
  if (!messageSid.test(id) || !from) return undefined
  const media = Number(field(form, 'NumMedia')) || 0
  return {
    id,
    from,
    to: field(form, 'To').slice(0, 20),
    text: field(form, 'Body'),
    media: Math.min(media, 10),
    keyword: keywordOf(form),
  }
}

// Twilio's own; HELP is left out, since here it is what it says.
const stops = ['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'OPTOUT', 'REVOKE']
const starts = ['START', 'UNSTOP']

function keywordOf(form: Form): SmsHeard['keyword'] {
  const word = field(form, 'Body').trim().toUpperCase()
  // Twilio says so itself where Advanced Opt-Out is on, also for words of ours.
  const type = field(form, 'OptOutType')
  if (type === 'STOP' || stops.includes(word)) return 'stop'
  return type === 'START' || starts.includes(word) ? 'start' : null
}

const states: Record<string, SmsReported['state']> = {
  sent: 'sent',
  delivered: 'delivered',
  read: 'delivered',
  undelivered: 'failed',
  failed: 'failed',
}

/** Undefined for a state that says nothing yet: accepted, queued, sending. */
export function readSmsStatus(form: Form, reference: string): SmsReported | undefined {
  const state = states[field(form, 'MessageStatus')]
  if (!reference || !state) return undefined
  const code = Number(field(form, 'ErrorCode')) || undefined
  return { reference, state, refused: state === 'failed' ? refusalOf(code) : null }
}

/** Twilio's error codes, as far as somebody can do something about them. */
export function refusalOf(code: number | undefined): SmsRefusal {
  switch (code) {
    case 21610: // they have written STOP
      return 'opted-out'
    case 20003: // the account may not
    case 21408: // no permission for the country
    case 21606: // our number cannot send messages
    case 30002: // account suspended
    case 30007: // filtered by the networks
    case 30034: // our number is not registered for messages
      return 'not-allowed'
    default:
      return 'not-reachable'
  }
}

/** Messages by Twilio. STOP and its kin are answered and kept by Twilio itself; what is sent all the same is refused with 21610. */
export function twilioSms(rest: TwilioRest, { number, baseUrl }: { number: string; baseUrl: string }): SmsGateway {
  return {
    async send({ to, body, reference }) {
      const statusCallback = `${urlsOf(baseUrl).smsStatus}?line=${encodeURIComponent(reference)}`
      try {
        const { sid } = await rest.sendMessage({ to, from: number, body, statusCallback })
        return { id: sid }
      } catch (fault) {
        if (fault instanceof TwilioFault && !fault.again && fault.status !== 401)
          return { refused: refusalOf(fault.code) }
        throw fault
      }
    },
  }
}
