import type { KioskCall } from '../../server/contracts/kiosk.ts'
import type { PhoneState } from '../lib/caller-phone.ts'

/** What somebody on the telephone must know, in one word of `kiosk.voice`. */
export type VoiceWord =
  | 'connecting'
  | 'waiting'
  | 'talking'
  | 'held'
  | 'again'
  | 'ended'
  | 'lost'
  | 'no-microphone'
  | 'too-often'
  | 'not-now'

const microphoneFaults = ['insecure', 'unsupported', 'denied', 'no-microphone', 'in-use']

/** From what the telephone knows and what the centre says of the call; `back`: they called us. Pure. */
export function voiceWord(phone: PhoneState, call: KioskCall | undefined, back: boolean): VoiceWord {
  switch (phone.status) {
    case 'ringing':
    case 'connecting':
      return 'connecting'
    case 'up':
      if (phone.lost) return 'again'
      if (call?.status === 'held') return 'held'
      if (call?.status === 'answered') return 'talking'
      // Who was called back waits for nobody.
      return back || !call ? 'connecting' : 'waiting'
    case 'idle':
      if (!phone.fault) return phone.ended === 'lost' || phone.ended === 'media-lost' ? 'lost' : 'ended'
      if (microphoneFaults.includes(phone.fault)) return 'no-microphone'
      return phone.fault === 'too-many-requests' ? 'too-often' : 'not-now'
  }
}
export const isOver = (word: VoiceWord): boolean =>
  ['ended', 'lost', 'no-microphone', 'too-often', 'not-now'].includes(word)
