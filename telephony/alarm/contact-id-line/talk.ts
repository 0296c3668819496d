import type { AlarmDevice, AlarmIn } from '../../../server/contracts/alarms.ts'
import { isSpoken, type Meaning } from '../meaning.ts'
import { numberOf } from '../number-of.ts'
import { type LineMessage, lineMeaning, messageKeys, readLine } from './message.ts'

export type Tone = { hz: number; ms: number }
/** The line to a panel: tones out, keys in. When it is gone tones are over at once and no key comes. */
export type PanelLine = {
  /** Resolves when the last of them was sent. */
  sound(tones: Tone[]): Promise<void>
  /** The next key, if one comes within this time. */
  key(withinMs: number): Promise<string | undefined>
  isGone(): boolean
}

const protocol = 'contact-id'
// [alarm-devices.md 2] The tones; their lengths are those of public receivers, DC-05 was not read.
const settling: Tone = { hz: 0, ms: 500 } // the line has just been opened, and a panel listens only then
export const handshake: Tone[] = [
  { hz: 1_400, ms: 100 },
  { hz: 0, ms: 100 },
  { hz: 2_300, ms: 100 },
]
// A panel asks for three quarters of a second at least.
export const kissoff: Tone[] = [
  { hz: 0, ms: 100 },
  { hz: 1_400, ms: 900 },
]
// A panel begins a quarter of a second after the handshake; a slow gateway makes that seconds.
const firstKeyMs = 4_000
const handshakesMax = 4
// A panel presses ten keys a second; whoever pauses longer within a message has lost one.
const betweenKeysMs = 600
// What is left to say follows the kissoff at once; then they listen.
const nextMessageMs = 2_500
// The rest of a message, and no endless noise.
const strayKeysMax = 2 * messageKeys
// It gives up after four tries itself.
const badMax = 6
// Nobody has so much to say; a machine that presses keys for ever is let go.
const messagesMax = 40
// The same words within this time are a panel that did not hear our kissoff, in this call or the next.
const sentAgainWithinMs = 90_000

/** What became of the call: whose it is, and whether somebody is to be spoken with. */
export type Heard = { device: AlarmDevice | undefined; voice: boolean }

/**
 * Hears a panel out: asks it by the handshake, reads its messages, and says by the kissoff that one is stored, only after that is
 * committed. A bad sum, or what could not be stored, gets no kissoff, so that it is said again. A panel is known by the number
 * from which it calls, else by the account in its message.
 */
export async function hearPanel(line: PanelLine, number: string | null, alarms: AlarmIn): Promise<Heard> {
  const byNumber = number === null ? undefined : await alarms.device(protocol, number)
  const heard: Heard = { device: byNumber, voice: false }
  let [stored, bad, shaken, unreadable] = [0, 0, 0, '']
  await line.sound([settling])
  while (!line.isGone() && stored < messagesMax && bad < badMax) {
    if (stored === 0 && bad === 0) {
      if (shaken++ >= handshakesMax) break
      await line.sound(handshake)
    }
    const pressed = await readKeys(line, stored === 0 ? firstKeyMs : nextMessageMs)
    if (pressed === '') {
      if (stored > 0 || bad > 0) break
      continue
    }
    const read = readLine(pressed)
    if (!read.ok) {
      unreadable = pressed
      bad++
      // A key was lost or doubled: whatever else comes belongs to that, until they pause to say it again.
      for (let n = 0; n < strayKeysMax && (await line.key(betweenKeysMs)) !== undefined; n++);
      continue
    }
    const device = heard.device ?? (await alarms.device(protocol, read.message.account))
    if (!device) {
      const said = read.message.digits
      await alarms.strange({ protocol, account: read.message.account, said, because: 'unknown-account' })
      return heard
    }
    heard.device = device
    const meaning = lineMeaning(read.message)
    const kept = await keep(alarms, device, read.message, meaning, number).catch(() => false)
    if (kept) {
      stored++
      bad = 0
      heard.voice ||= wantsVoice(meaning)
      await line.sound(kissoff)
    } else bad++
  }
  if (stored > 0 || line.isGone()) return heard
  // Nothing that could be read: one of ours is spoken with, for somebody may be behind it; of others somebody looks.
  if (heard.device) return { ...heard, voice: true }
  if (unreadable) await alarms.strange({ protocol, account: number ?? '', said: unreadable, because: 'unreadable' })
  return heard
}

/** Keys until a message is whole, or they pause too long. */
async function readKeys(line: PanelLine, firstMs: number): Promise<string> {
  let pressed = ''
  for (let withinMs = firstMs; pressed.length < messageKeys; withinMs = betweenKeysMs) {
    const key = await line.key(withinMs)
    if (key === undefined) return pressed
    pressed += key
  }
  return pressed
}

/** Whoever is forced may be heard speaking with us: there we stay silent. */
const wantsVoice = (meaning: Meaning): boolean =>
  meaning.is === 'alarm' && isSpoken(meaning.type) && meaning.silent !== true

/** True when it is committed. */
async function keep(
  alarms: AlarmIn,
  device: AlarmDevice,
  message: LineMessage,
  meaning: Meaning,
  number: string | null,
): Promise<boolean> {
  const sequence = numberOf(message.digits)
  const said = `CID ${message.data}`
  const part = message.data.slice(5)
  alarms.heard(device)
  if (meaning.is === 'heard') return true
  if (meaning.is === 'note') {
    await alarms.noted(device, {
      note: meaning.note,
      ...(meaning.type && { type: meaning.type, part }),
      said,
      sequence,
    })
    return true
  }
  await alarms.receive(device, {
    sequence,
    type: meaning.type,
    said,
    part,
    sentAgainWithinMs,
    pressedAt: undefined,
    battery: undefined,
    position: undefined,
    ...(meaning.silent && { warnings: ['silent' as const] }),
    ...(wantsVoice(meaning) && { voice: 'calls' as const }),
    ...(number !== null && { ownNumber: number }),
  })
  return true
}
