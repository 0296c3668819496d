import type { AlarmDevice, AlarmIn } from '../../../server/contracts/alarms.ts'
import { handOver } from '../hand-over.ts'
import { decide } from '../json/decide.ts'
import { readWord } from '../json/read.ts'
import type { Topic } from './topic.ts'

export const protocol = 'mqtt'

/** A word of this device, committed when it resolves. On the topic of heartbeats alone, what cannot be read is one. */
export async function takeWord(alarms: AlarmIn, device: AlarmDevice, { kind }: Topic, bytes: Buffer): Promise<void> {
  await handOver(alarms, device, decide(bytes, readWord(bytes), { quiet: kind === 'hb' }))
}
