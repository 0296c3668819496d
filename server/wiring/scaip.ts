import { scaipType, scaipUnits } from '../../telephony/alarm/scaip/answer.ts'
import type { UnitParts } from '../../telephony/sip/carrier.ts'
import { unitName } from '../../telephony/sip/settings.ts'
import type { AlarmIn } from '../contracts/alarms.ts'
import type { Logger } from '../platform/log.ts'

/** What alarm units say by SIP: SCAIP in a MESSAGE, from a device that has shown its secret or through a trunk. */
export function sipMessages(alarms: AlarmIn, log: Logger): UnitParts {
  const answer = scaipUnits({ alarms, log })
  return {
    async guestOf(user) {
      const device = await alarms.device('scaip', user)
      // Without a secret of its own nobody can be told from somebody else.
      if (!device?.secret) return undefined
      const { id: deviceId, secret: password } = device
      return { name: unitName(deviceId), kind: 'telephone', from: [], user, password, deviceId }
    },
    unitType: scaipType,
    onStranger({ user, because, said }) {
      alarms
        .strange({ protocol: 'scaip', account: user, said, because })
        .catch((error: Error) => log.warn({ fault: error.message }, 'an unknown unit was not written down'))
    },
    async onMessage({ peer, from, contentType, body, at }) {
      if (contentType !== scaipType) {
        // A unit that speaks otherwise than it was set up to is not understood, and somebody may be behind it.
        if (peer.kind !== 'trunk')
          await alarms.strange({ protocol: 'scaip', account: from, said: body.slice(0, 200), because: 'unreadable' })
        return { status: 415, headers: [['accept', scaipType]] }
      }
      const reply = await answer({
        from,
        body,
        voiceAt: at,
        by: peer.kind === 'trunk' ? 'trunk' : { deviceId: peer.deviceId },
      })
      if (reply.status !== 200) return { status: reply.status, headers: [['retry-after', '5']] }
      const words = { contentType: scaipType, body: reply.answer }
      return reply.inside ? { status: 200, ...words } : { status: 200, after: words }
    },
  }
}
