import twilio from 'twilio'

/** What we answer to Twilio's webhooks. Each is a whole document. */
const { VoiceResponse, MessagingResponse } = twilio.twiml

export type Urls = { media: string; streamOver: string }

/** Where Twilio finds us, from the one configured address and never from a request. */
export const urlsOf = (
  baseUrl: string,
): Urls & { connect(legId: string): string; callStatus(legId: string): string; smsStatus: string } => ({
  media: `${baseUrl.replace(/^http/, 'ws')}/twilio/media`,
  streamOver: `${baseUrl}/twilio/stream-over`,
  connect: (legId) => `${baseUrl}/twilio/connect/${encodeURIComponent(legId)}`,
  callStatus: (legId) => `${baseUrl}/twilio/call-status?leg=${encodeURIComponent(legId)}`,
  smsStatus: `${baseUrl}/twilio/sms-status`,
})

/** The sound comes to us; when the connection is over while they are still there, Twilio asks what now. */
export function connectStream(urls: Urls, token: string): string {
  const answer = new VoiceResponse()
  answer.connect().stream({ url: urls.media }).parameter({ name: 'token', value: token })
  answer.redirect({ method: 'POST' }, urls.streamOver)
  return answer.toString()
}

export function hangUp(): string {
  const answer = new VoiceResponse()
  answer.hangup()
  return answer.toString()
}

// As long as an old person waits for somebody who comes to the telephone.
const overflowRingsSeconds = 30

/** No call can be taken here: the overflow number is rung; after it, or without one, they are told that we call back. */
export function overflow(urls: Urls, number: string | undefined, callerId: string | undefined): string {
  const answer = new VoiceResponse()
  if (number)
    answer.dial(
      { action: urls.streamOver, method: 'POST', timeout: overflowRingsSeconds, ...(callerId && { callerId }) },
      number,
    )
  else sayApology(answer)
  return answer.toString()
}

export function apology(): string {
  const answer = new VoiceResponse()
  sayApology(answer)
  return answer.toString()
}

/** Twilio speaks it, since no sound of ours reaches them. In both languages: nobody has asked which. */
function sayApology(answer: InstanceType<typeof VoiceResponse>): void {
  answer.say({ language: 'zh-CN' }, '很抱歉，现在无法接通。我们会尽快给您回电。如有生命危险，请拨打一二零。')
  answer.say(
    { language: 'en-GB' },
    'We are sorry, we cannot take your call now. We will call you back. If a life is in danger, call 1 2 0.',
  )
  answer.hangup()
}

/** A message is answered by a person and later, so the webhook's answer says nothing. */
export const noMessage = (): string => new MessagingResponse().toString()
