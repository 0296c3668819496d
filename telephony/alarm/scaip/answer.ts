import type { AlarmDevice, AlarmIn } from '../../../server/contracts/alarms.ts'
import { decide, unreadable } from './decide.ts'
import { readScaip } from './read.ts'
import { type ScaipAnswer, writeScaip } from './write.ts'

export const scaipType = 'application/scaip+xml'

/**
 * A message as SIP brought it, by the device that has shown its secret, or by a trunk of ours, which stands for who speaks. `voiceAt`:
 * where the unit shall call.
 */
export type ScaipMessage = {
  from: string
  body: string
  voiceAt: string
  by: 'trunk' | { deviceId: string | undefined }
}

/**
 * 503: not stored, so that the unit takes its next way. Else what is to be said back: in a message of its own, or `inside` the
 * 200, as units of some makers want it (`scaipReply: 'inside'` of their type) [alarm-devices.md 1.1, forms 1 and 2].
 */
export type ScaipReply = { status: 503 } | { status: 200; answer: string; inside: boolean }

const protocol = 'scaip'
const unknownUnit = { snu: 5, ste: 'this controller is not known here' }

/**
 * Answers a unit when what it said is stored [alarm-devices.md 1.1–1.3]. Only a device that has shown its secret, or whatever comes
 * through a trunk of ours, gets so far.
 */
export function scaipUnits(parts: {
  alarms: AlarmIn
  log: { warn(about: object, words: string): void }
}): (message: ScaipMessage) => Promise<ScaipReply> {
  const { alarms, log } = parts
  const say = (answer: ScaipAnswer, to?: AlarmDevice): ScaipReply => ({
    status: 200,
    answer: writeScaip(answer),
    inside: to?.quirks?.['scaipReply'] === 'inside',
  })

  async function take({ from, body, voiceAt, by }: ScaipMessage): Promise<ScaipReply> {
    const request = readScaip(body)
    const { ref, cid } = request
    // Who speaks must be who it says: the device that has shown its secret, unless a trunk of ours stands for it.
    const account = by === 'trunk' ? cid : from
    const device = await alarms.device(protocol, account)
    const isTheirs = by === 'trunk' || (device?.id === by.deviceId && (cid === '' || cid === device?.account))
    if (!device || !isTheirs) {
      const because = device ? 'wrong-secret' : 'unknown-account'
      await alarms.strange({ protocol, account: cid || from, said: body.slice(0, 300), because })
      return say({ ref, ...unknownUnit }, device)
    }
    if ('snu' in request) {
      alarms.heard(device)
      // A heartbeat is never an alarm, whatever is wrong with it.
      if (request.mty !== 'PI') await alarms.receive(device, unreadable(request, body))
      const { snu, ste } = request
      return say({ ref, snu, ste }, device)
    }
    const said = decide(request)
    alarms.heard(device)
    if (said.is === 'note') await alarms.noted(device, said.note)
    if (said.is !== 'alarm') return say({ ref, snu: 0 }, device)
    // Pressed again while they talk: a second call would only take the first one's place [alarm-devices.md 1.3].
    const calls = said.voice && !(await alarms.isInCall(device))
    const { voice, ...rest } = said.signal
    await alarms.receive(device, voice === 'calls' && !calls ? rest : said.signal)
    return say({ ref, snu: 0, ...(calls && { voice: { at: voiceAt } }) }, device)
  }

  return async (message) => {
    try {
      return await take(message)
    } catch (error) {
      log.warn({ fault: (error as Error).message }, 'a SCAIP message was not stored')
      return { status: 503 }
    }
  }
}
