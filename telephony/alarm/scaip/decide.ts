import type { DeviceNote, DeviceSignal } from '../../../server/contracts/alarms.ts'
import { isSpoken } from '../meaning.ts'
import { numberOf } from '../number-of.ts'
import { scaipMeaning } from './codes.ts'
import type { ScaipFault, ScaipRequest } from './read.ts'

export type Said =
  | { is: 'heard' }
  /** `voice`: somebody is to be spoken with, and the unit can do that. */
  | { is: 'alarm'; signal: DeviceSignal; voice: boolean }
  | { is: 'note'; note: DeviceNote }

// A unit that cannot say its own reference cannot be known again by it; it tries for a few minutes.
const unnamedAgainMs = 10 * 60_000

/** What a request says. Its name for ever is its `ref`: the same again is the same word. */
export function decide(request: ScaipRequest): Said {
  const meaning = scaipMeaning(request)
  if (meaning.is === 'heard') return meaning
  const sequence = numberOf(`${request.cid} ${request.ref}`)
  const said = wordsOf(request)
  if (meaning.is === 'note')
    return {
      is: 'note',
      note: { note: meaning.note, ...(meaning.type && { type: meaning.type, part: request.did }), said, sequence },
    }
  const asks = request.cha === '1'
  const voice = isSpoken(meaning.type) && !asks && hasVoice(request.crd)
  const ownNumber = numberIn(request.crd)
  const signal: DeviceSignal = {
    ...emptySignal,
    sequence,
    type: meaning.type,
    part: request.did,
    said,
    position: request.position,
    ...(asks && { voice: 'asks' }),
    ...(voice && { voice: 'calls' }),
    ...(ownNumber && { ownNumber }),
  }
  return { is: 'alarm', signal, voice }
}

/** A unit of ours has said what cannot be read: somebody may be behind it. */
export function unreadable(fault: ScaipFault, body: string): DeviceSignal {
  const said = `SCAIP snu ${fault.snu} ${fault.ste}`.slice(0, 200)
  return { ...emptySignal, sequence: numberOf(body), type: 'unknown', said, sentAgainWithinMs: unnamedAgainMs }
}

const emptySignal = { pressedAt: undefined, battery: undefined, position: undefined }

/** Some way to speak with it is named, or none is, which means the usual one. */
const hasVoice = (crd: string[]) => crd.length === 0 || crd.some((one) => !one.startsWith('no-voice'))

/** Its telephone number, if it names one; only whole ones, and never an address of some host that we would be led to. */
const numberIn = (crd: string[]): string | undefined =>
  crd.map((one) => /^(?:gsm|tel):(\+[1-9]\d{6,14})$/.exec(one)?.[1]).find((number) => number !== undefined)

/** The unit's own codes and texts, as whoever answers sees them. */
function wordsOf({ mty, dty, stc, lco, did, dco, dte, stt, lte, ico, ite, cha, crd }: ScaipRequest): string {
  const codes = { mty, dty, stc, lco, did, dco, ico }
  const named = Object.entries(codes).flatMap(([name, value]) => (value === '' ? [] : [`${name} ${value}`]))
  // They ask to be called back, and say where.
  const callBack = cha === '1' ? ['cha 1', ...crd] : []
  return ['SCAIP', ...named, ...callBack, ...[dte, stt, lte, ite].filter(Boolean)].join(' ').slice(0, 300)
}
