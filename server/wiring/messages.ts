import { twilioRest } from '../../telephony/twilio/rest.ts'
import { twilioSms } from '../../telephony/twilio/sms.ts'
import type { SmsGateway } from '../contracts/sms.ts'
import { pretendMessages } from '../messages/pretend.ts'
import type { Parts } from '../platform/parts.ts'

/** How messages leave here: by Twilio if it is configured, else in the demo to pretend telephones, else not at all. */
export function smsGateway(parts: Pick<Parts, 'env' | 'db' | 'clock'>): SmsGateway | undefined {
  const { twilio, demo } = parts.env
  if (twilio) return twilioSms(twilioRest(twilio), twilio)
  return demo ? pretendMessages(parts) : undefined
}
