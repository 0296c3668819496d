import twilio, { type RequestClient } from 'twilio'

export type TwilioAccount = { accountSid: string; username: string; password: string }

/** What went wrong, in words of ours: Twilio's own repeat the numbers. `again`: the same request may do later. */
export class TwilioFault extends Error {
  readonly status: number
  readonly code: number | undefined
  readonly again: boolean
  constructor(status: number, code: number | undefined) {
    super(wordsFor(status, code))
    this.status = status
    this.code = code
    this.again = status === 0 || status === 429 || status >= 500
  }
}

function wordsFor(status: number, code: number | undefined): string {
  const which = code === undefined ? '' : ` (code ${code})`
  if (status === 0) return 'Twilio was not reached'
  if (status === 401 || status === 403) return `Twilio does not accept our account${which}`
  if (status === 404) return 'Twilio knows no such thing'
  if (status === 429) return `Twilio has too much from us now${which}`
  if (status >= 500) return `Twilio has an outage${which}`
  return `Twilio refuses the request with status ${status}${which}`
}

// Somebody waits for the call to be placed; what takes longer is told as not reached.
const answerMsMax = 8_000

export type OutgoingCall = { to: string; from: string; url: string; statusCallback: string; ringSeconds: number }
export type OutgoingMessage = { to: string; from: string; body: string; statusCallback: string }

/** The few requests that we make of Twilio's REST interface. Each rejects with a TwilioFault. */
export type TwilioRest = {
  placeCall(call: OutgoingCall): Promise<{ sid: string }>
  endCall(sid: string): Promise<void>
  /** Its status in Twilio's words. A call that Twilio does not know is `completed`: nothing of it is left. */
  callStatus(sid: string): Promise<string>
  sendMessage(message: OutgoingMessage): Promise<{ sid: string; status: string }>
}

/** A client that never asks by itself again: what may be repeated is decided here. */
export const httpClient = (): RequestClient => new twilio.RequestClient({ timeout: answerMsMax, keepAlive: true })

export function twilioRest(account: TwilioAccount, http: RequestClient = httpClient()): TwilioRest {
  const client = twilio(account.username, account.password, { accountSid: account.accountSid, httpClient: http })
  return {
    // Neither may be sent twice: Twilio has no name by which it would know the second for the first.
    placeCall: ({ ringSeconds, ...call }) =>
      once(async () => {
        const { sid } = await client.calls.create({
          ...call,
          timeout: ringSeconds,
          statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
        })
        return { sid }
      }),
    sendMessage: (message) =>
      once(async () => {
        const { sid, status } = await client.messages.create(message)
        return { sid, status }
      }),
    endCall: (sid) =>
      twice(async () => {
        await client.calls(sid).update({ status: 'completed' })
      }).catch(unlessGone),
    callStatus: (sid) => twice(async () => (await client.calls(sid).fetch()).status as string).catch(goneIsCompleted),
  }
}

const goneIsCompleted = (fault: TwilioFault): string => {
  if (fault.status === 404) return 'completed'
  throw fault
}
// 21220: the call is over already, which is what we want.
const unlessGone = (fault: TwilioFault): void => {
  if (fault.status !== 404 && fault.code !== 21220) throw fault
}

async function once<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    const { status, code } = error as { status?: unknown; code?: unknown }
    throw new TwilioFault(typeof status === 'number' ? status : 0, typeof code === 'number' ? code : undefined)
  }
}

async function twice<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await once(ask)
  } catch (fault) {
    if (!(fault as TwilioFault).again) throw fault
    return once(ask)
  }
}
