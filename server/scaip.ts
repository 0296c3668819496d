import { scaipType, scaipUnits } from '../telephony/alarm/scaip/answer.ts'
import type { SipParts } from '../telephony/sip/endpoint.ts'
import { unitName } from '../telephony/sip/settings.ts'
import type { AlarmIn } from './contracts/alarms.ts'
import type { Logger } from './platform/log.ts'

/** What alarm units say by SIP: SCAIP in a MESSAGE, from a device that has shown its secret or through a trunk. */
export function sipMessages(alarms: AlarmIn, log: Logger): Pick<SipParts, 'onMessage' | 'guestOf'> {
  const answer = scaipUnits({ alarms, log })
  return {
    async guestOf(user) {
      const device = await alarms.device('scaip', user)
      // Without a secret of its own nobody can be told from somebody else.
      if (!device?.secret) return undefined
      const { id: deviceId, secret: password } = device
      return { name: unitName(deviceId), kind: 'telephone', from: [], user, password, deviceId }
    },
    async onMessage({ peer, from, contentType, body, at }) {
      if (contentType !== scaipType) return { status: 415, headers: [['accept', scaipType]] }
      const reply = await answer({
        from,
        body,
        voiceAt: at,
        by: peer.kind === 'trunk' ? 'trunk' : { deviceId: peer.deviceId },
      })
      if (reply.status !== 200) return { status: reply.status, headers: [['retry-after', '5']] }
      return { status: 200, after: { contentType: scaipType, body: reply.answer } }
    },
  }
}
