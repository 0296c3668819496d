import type { Stamp } from '../../../server/contracts/alarms.ts'
import { contactIdMeaning } from '../contact-id.ts'
import type { Said } from '../hand-over.ts'
import { numberOf } from '../number-of.ts'
import type { Event } from './event.ts'
import type { Frame } from './frame.ts'
import { siaMeaning } from './sia-codes.ts'

/** A panel's time may be so far off [alarm-devices.md 3.1]; farther, it is told ours and sends again. */
const behindMsMax = 40_000
const aheadMsMax = 20_000
// A frame without time is sent again for minutes, over the second path too; its four digits come again only after 9999.
const untimedAgainMs = 10 * 60_000

const thereAt = (stamp: Stamp): Said => ({ is: 'heard', battery: undefined, stamp })

/** `clock-off`: told our time, it sends again. */
export type SaidByPanel = Said | { is: 'clock-off' }

/**
 * What a frame says, given its event and now. `insists`: it has been told our time before and knows no better; a wrong clock
 * must not cost a life, so it is taken, with a note.
 */
export function decide(frame: Frame, event: Event, now: Date, insists: boolean): SaidByPanel {
  const aheadMs = event.at ? event.at.getTime() - now.getTime() : 0
  if (!insists && (aheadMs > aheadMsMax || aheadMs < -behindMsMax)) return { is: 'clock-off' }
  // Its four digits come round; its time counts upwards, also for a panel that insists on a wrong one.
  const stamp = { at: event.at?.toISOString() }
  if (frame.id === 'NULL') return thereAt(stamp)
  const meaning = meaningOf(frame, event) ?? { is: 'alarm' as const, type: 'unknown' as const }
  if (meaning.is === 'heard') return thereAt(stamp)
  const sequence = numberOf(nameOf(frame, event))
  const part = partOf(frame, event)
  const said = `${frame.id} ${event.data}`.slice(0, 200)
  if (meaning.is === 'note')
    return {
      is: 'note',
      note: { note: meaning.note, ...(meaning.type && { type: meaning.type, part }), said, sequence, stamp },
    }
  const { type, silent } = meaning
  return {
    is: 'alarm',
    signal: {
      sequence,
      type,
      said,
      stamp,
      part,
      pressedAt: event.at?.toISOString(),
      battery: undefined,
      position: event.position,
      warnings: [...(silent ? (['silent'] as const) : []), ...(insists ? (['clock-adrift'] as const) : [])],
      ...(!event.at && { sentAgainWithinMs: untimedAgainMs }),
    },
  }
}

function meaningOf({ id }: Frame, { data }: Event) {
  if (id === 'ADM-CID') return contactIdMeaning(data)
  return id === 'SIA-DCS' ? siaMeaning(data) : undefined
}

/** Group and zone of Contact ID (`1384 01 004`), the number behind the code of SIA (`YC012`): what is broken, and what is well again. */
const partOf = ({ id }: Frame, { data }: Event): string =>
  (id === 'ADM-CID' ? /^\d{4} (\S+ \S+)/ : /(\d{1,4})\D*$/).exec(data)?.[1] ?? ''

/**
 * The name of an event for ever: all that the panel said, so that its counter starting anew is no repetition and the same frame
 * over its second path is one.
 */
const nameOf = (frame: Frame, event: Event): string =>
  [frame.id, frame.sequence, frame.account, event.data, event.at?.getTime() ?? ''].join('\n')
