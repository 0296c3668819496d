import type { CarrierParts } from '../../telephony/switching/arrivals.ts'
import { type TwilioCarrier, twilioCarrier } from '../../telephony/twilio/carrier.ts'
import { twilioRest } from '../../telephony/twilio/rest.ts'
import type { TwilioDoors } from '../../telephony/twilio/routes.ts'
import { messagesTo } from '../dispatch/messages.ts'
import { messagesIn } from '../messages/commands.ts'
import type { Env } from '../platform/env.ts'
import type { Parts } from '../platform/parts.ts'

/** Twilio at a media host: the carrier for calls, when it is configured. */
export function openTwilio(phone: CarrierParts, env: Env): TwilioCarrier | undefined {
  if (!env.twilio) return undefined
  return twilioCarrier({
    ...phone,
    rest: twilioRest(env.twilio),
    baseUrl: env.twilio.baseUrl,
    number: env.twilio.number,
    overflowNumber: env.overflowNumber,
    async expectStream(legId, token) {
      const answer = await phone.media.command({ do: 'expect-stream', legId, token })
      return 'refused' in answer ? answer : { ok: true }
    },
  })
}

/** What its webhooks are answered; only where its calls are, since a call is known by the process that took it. */
export function twilioDoors(
  parts: Parts,
  carrier: TwilioCarrier,
  media: CarrierParts['media'],
): TwilioDoors | undefined {
  const { twilio } = parts.env
  if (!twilio) return undefined
  const { signingToken, baseUrl } = twilio
  const sms = messagesTo(parts, messagesIn(parts))
  return { signingToken, baseUrl, carrier, sms, takeSocket: media.takeSocket }
}
