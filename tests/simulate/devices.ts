import type { AlarmReceipt } from '../../server/contracts/alarms.ts'
import { ask } from './ask.ts'
import { between, oneOf, untilNext } from './chance.ts'
import { iso, type World } from './world.ts'

export type Device = { id: string; account: string; key: string }

const types = {
  button: 0.76,
  fall: 0.07,
  inactivity: 0.05,
  'low-battery': 0.06,
  fault: 0.02,
  tamper: 0.01,
  smoke: 0.03,
} as const
/** Somebody who is afraid presses again. */
const againShare = 0.25
const againMax = 3
/** The answer is lost on its way: the device does not know that it was stored, and sends the same number again. */
const answerLostShare = 0.05
const sendAgainMs = 5_000
const notStoredAgainMs = 1_000

/** A resident's device. When it presses, and what, follows from the seed alone. */
export function startDevice(world: World, device: Device, pressesPerHour: number): void {
  const random = world.random(`device:${device.account}`)
  const url = world.urls[random.int(0, world.urls.length - 1)] as string
  let sequence = 0

  async function send(
    signal: { sequence: number; type: string; battery: number; pressedAt: string },
    lost: boolean,
  ): Promise<void> {
    world.notes.signals += 1
    const answer = await ask<AlarmReceipt>(world, url, 'POST', '/alarms', {
      body: signal,
      headers: { authorization: `Bearer ${device.key}` },
    })
    if (answer.status !== 200 && answer.status !== 201) {
      world.notes.refused('alarm', String(answer.status))
      return world.after(notStoredAgainMs, () => send(signal, false))
    }
    // The receipt of a lost answer is noted all the same: the second one must say the same ids.
    world.notes.acknowledge({ deviceId: device.id, sequence: signal.sequence, type: signal.type }, answer.body)
    if (!lost) return
    world.notes.sentAgain += 1
    world.after(sendAgainMs, () => send(signal, false))
  }

  function signal(type: string): Promise<void> {
    const lost = random.chance(answerLostShare)
    const battery = type === 'low-battery' ? 0.1 : Math.round(between(random, 0.3, 1) * 100) / 100
    sequence += 1
    return send({ sequence, type, battery, pressedAt: iso(world) }, lost)
  }

  function wait(): void {
    world.after(untilNext(random, 3_600_000 / pressesPerHour), async () => {
      const type = oneOf(random, types)
      const more = type === 'button' && random.chance(againShare) ? random.int(1, againMax) : 0
      let ms = 0
      for (let i = 0; i < more; i++) {
        ms += between(random, 1_000, 4_000)
        world.after(ms, () => signal(type))
      }
      world.notes.presses += 1
      wait()
      await signal(type)
    })
  }
  wait()
}
