import type { AlarmDevice, AlarmIn } from '../../../server/contracts/alarms.ts'
import { handOver } from '../hand-over.ts'
import { decrypt, encrypt, isKey } from './crypt.ts'
import { decide } from './decide.ts'
import { readEvent, writeTime } from './event.ts'
import { type Frame, readFrame, writeFrame } from './frame.ts'

export type Panels = {
  /** What to send back for what stood between LF and CR; `garbage` for no frame at all, nothing when the panel shall try again. `isOurs` is called once it has shown that it is one of our devices. */
  answer(bytes: Buffer, isOurs?: () => void): Promise<Buffer | 'garbage' | undefined>
}

const protocol = 'dc09'
// Told so often that its clock is off, a panel is believed all the same.
const toldMax = 3
const accountsKept = 10_000

/**
 * Answers panels [alarm-devices.md 3.2]: ACK after the event is committed; NAK with our time when the panel's is off, when nobody knows
 * it, or when its secret is wrong; DUH never, since an event that we do not understand is an unknown signal and is stored.
 */
export function panels(parts: {
  alarms: AlarmIn
  now(): Date
  log: { warn(about: object, words: string): void }
}): Panels {
  const { alarms, now, log } = parts
  /** How often in a row an account was told our time. */
  const told = new Map<string, number>()

  const nak = (frame: Frame): Buffer => writeFrame(`"NAK"0000R0L0A0[]${writeTime(now())}`, frame.binaryCrc)
  function ack(frame: Frame, device: AlarmDevice): Buffer {
    const { sequence, receiver, line, account, binaryCrc } = frame
    const head = `ACK"${sequence}${receiver}${line}#${account}[`
    if (!frame.encrypted) return writeFrame(`"${head}]`, binaryCrc)
    return writeFrame(`"*${head}${encrypt(`]${writeTime(now())}`, device.secret ?? '')}`, binaryCrc)
  }

  async function stranger(frame: Frame, because: 'unknown-account' | 'wrong-secret'): Promise<Buffer> {
    await alarms.strange({
      protocol,
      account: frame.account,
      said: `${frame.id} ${frame.encrypted ? '' : frame.body}`,
      because,
    })
    return nak(frame)
  }

  /** Its event in clear; undefined when it does not hold the secret, or has one and does not use it. */
  function opened(frame: Frame, { secret, account }: AlarmDevice) {
    const key = secret !== undefined && isKey(secret) ? secret : undefined
    if (frame.encrypted !== (key !== undefined)) return undefined
    const body = key ? decrypt(frame.body, key) : frame.body
    const event = body === undefined ? undefined : readEvent(body)
    if (!event) return frame.encrypted ? undefined : 'unreadable'
    // An encrypted frame proves itself by its inner account and its time.
    if (frame.encrypted && !event.at) return undefined
    return event.account !== '' && event.account !== account ? undefined : event
  }

  async function answerTo(frame: Frame, isOurs?: () => void): Promise<Buffer | undefined> {
    const device = await alarms.device(protocol, frame.account)
    if (!device) return stranger(frame, 'unknown-account')
    const event = opened(frame, device)
    if (event === undefined) return stranger(frame, 'wrong-secret')
    isOurs?.()
    const times = told.get(frame.account) ?? 0
    // What cannot be read in a whole frame of a known panel is an unknown signal.
    const read =
      event === 'unreadable' ? { account: frame.account, data: frame.body, at: undefined, position: undefined } : event
    const said = decide(frame, read, now(), times >= toldMax)
    if (said.is === 'clock-off') {
      if (told.size >= accountsKept) told.clear()
      told.set(frame.account, times + 1)
      return nak(frame)
    }
    await handOver(alarms, device, said)
    if (times < toldMax) told.delete(frame.account)
    return ack(frame, device)
  }

  /** A panel of ours that cannot make itself understood: nothing proves that it is it, but a person sees that it tries. */
  async function noteBroken(bytes: Buffer): Promise<void> {
    const said = bytes.toString('latin1', 0, 200)
    const account = /#([0-9A-F]{3,16})[[|]/i.exec(said)?.[1]?.toUpperCase()
    if (account && (await alarms.device(protocol, account)))
      await alarms.strange({ protocol, account, said, because: 'unreadable' })
  }

  return {
    async answer(bytes, isOurs) {
      const frame = readFrame(bytes)
      if ('broken' in frame) {
        await noteBroken(bytes).catch(() => {})
        return frame.broken === 'syntax' ? 'garbage' : undefined
      }
      try {
        return await answerTo(frame, isOurs)
      } catch (error) {
        // Not stored, so not acknowledged: the panel sends again.
        log.warn({ fault: (error as Error).message }, 'a DC-09 event was not stored')
        return undefined
      }
    },
  }
}
