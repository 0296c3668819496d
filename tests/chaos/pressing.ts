import { setTimeout as pause } from 'node:timers/promises'
import { press } from '../support/product.ts'

export type Device = { id: string; key: string }
export type Acknowledged = {
  deviceId: string
  sequence: number
  type: string
  alarmId: string
  incidentId: string | null
}

const againMs = 150
const answerMsMax = 6_000

/** Devices that press and, like real ones, send the same press again until it is acknowledged. */
export function startPressing(url: string, devices: Device[], lanes: number, firstSequence: number) {
  const acknowledged: Acknowledged[] = []
  let going = true
  let again = 0
  let sequence = firstSequence
  let longestMs = 0
  const strange = new Set<number>()
  const one = async (device: Device) => {
    const mine = ++sequence
    const pressedAt = performance.now()
    for (;;) {
      const reply = await Promise.race([
        press(url, device, { sequence: mine }).catch(() => undefined),
        pause(answerMsMax, undefined, { ref: false }),
      ])
      if (reply?.status === 201 || reply?.status === 200) {
        const { alarmId, incidentId } = reply
        longestMs = Math.max(longestMs, performance.now() - pressedAt)
        acknowledged.push({ deviceId: device.id, sequence: mine, type: 'button', alarmId, incidentId })
        return
      }
      // An outage is told as 503 or not at all; any other answer to a good press is a fault.
      if (reply && reply.status !== 503) strange.add(reply.status)
      again += 1
      await pause(againMs)
    }
  }
  const all = Array.from({ length: lanes }, async (_, lane) => {
    for (let i = 0; going; i++) {
      await one(devices[(lane + i * lanes) % devices.length] as Device)
      await pause(5)
    }
  })
  return {
    acknowledged,
    again: () => again,
    longestMs: () => longestMs,
    strange: () => [...strange],
    /** Nobody presses any more; what was pressed is acknowledged first. */
    async end(): Promise<void> {
      going = false
      await Promise.all(all)
    },
  }
}
