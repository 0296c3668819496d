import { timingSafeEqual } from 'node:crypto'
import type { AlarmDevice, AlarmIn } from '../contracts/alarms.ts'
import type { Heard } from '../devices/heard.ts'
import { hashKey } from '../devices/key.ts'
import { keyHolder, knownAccounts } from '../devices/known-accounts.ts'
import { lastWordOf } from '../devices/last-word.ts'
import { orderOf, provesPresence } from '../devices/order.ts'
import { tellStranger } from '../devices/strangers.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal } from '../platform/refusal.ts'
import { noteFromDevice } from './device-notes.ts'
import type { AlarmIntake } from './open-from-alarm.ts'
import { takeSignal } from './take-signal.ts'
import { isInCall } from './unit-calls.ts'

// A flood of them must not take the database from those who press. Who goes unnoticed in it is noticed when it ebbs.
const strangersAtOnceMax = 20

// Control characters and broken text: PostgreSQL keeps no NUL, and a page shows none of them.
const unreadable = /\p{C}/gu
const plain = (text: string) => text.replace(unreadable, ' ')

/** The way in for alarm devices that speak a protocol of their own: what it has decoded is stored like any press. */
export function alarmIn(parts: Parts, intake: AlarmIntake, heard: Heard): AlarmIn {
  const known = knownAccounts(parts)
  let noting = 0
  const saidBefore = ({ protocol, account }: AlarmDevice, said: string) =>
    tellStranger(parts, { protocol, account, said, because: 'said-before' })
  return {
    // No account has such characters, and asking for one would cost all others of its batch.
    device: async (protocol, account) => (/\p{C}/u.test(account) ? undefined : known(protocol, account)),
    holder: (key) => keyHolder(parts, key),
    holds: ({ keyHash }, key) => keyHash !== undefined && timingSafeEqual(Buffer.from(keyHash, 'hex'), hashKey(key)),
    async receive(device, signal) {
      const end = parts.metrics.alarmCommit.startTimer()
      try {
        const result = await takeSignal(parts, intake, {
          ...signal,
          said: plain(signal.said),
          deviceId: device.id,
          receivedAt: parts.clock.now(),
        })
        // Taken out of the books since it was looked up: as if it had never been known.
        if (isRefusal(result)) throw new Error(result.refused)
        return result.receipt
      } finally {
        end()
      }
    },
    isInCall: ({ id }) => isInCall(parts.db, id),
    async noted(device, note) {
      const said = plain(note.said)
      const verdict = await noteFromDevice(parts, device, { ...note, said })
      if (verdict === 'old') await saidBefore(device, said)
      return verdict === 'believed'
    },
    async isOfNow(device, stamp, said) {
      const last = await lastWordOf(parts.db, device.id)
      const verdict = last ? provesPresence(orderOf(last, stamp, parts.clock.now())) : 'believed'
      if (verdict === 'old') await saidBefore(device, plain(said))
      return verdict === 'believed'
    },
    heard: (device, report) => heard.heard(device.id, report),
    async strange(stranger) {
      if (noting >= strangersAtOnceMax) return
      noting++
      await tellStranger(parts, {
        ...stranger,
        account: plain(stranger.account),
        said: plain(stranger.said),
      }).finally(() => noting--)
    },
  }
}
