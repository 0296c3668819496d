import { z } from 'zod'
import { alarmSignal, type Stamp } from '../../../server/contracts/alarms.ts'
import { alarmTypes } from '../../../server/contracts/vocabulary.ts'
import { jsonOf } from '../json-of.ts'
import { numberOf } from '../number-of.ts'

export const signalsMax = 100

/** What happened beside alarms. */
const words = ['heartbeat', 'cancelled', 'restored', 'carer-present', 'carer-left'] as const

const told = alarmSignal.extend({
  account: z.string().min(1).max(60),
  /** Without a number of its own, what it says is its name. */
  sequence: alarmSignal.shape.sequence.optional().catch(undefined),
  /** One that we do not know is an unknown signal. */
  type: z.enum([...alarmTypes, ...words]).catch('unknown'),
})
export type Told = z.infer<typeof told> & { sequence: number; stamp: Stamp }
/** What cannot be read, of a device that is named: somebody may be behind it. */
export type Unread = { account: string; unread: string }
const named = told.pick({ account: true })

const body = z.object({ signals: z.array(z.unknown()).min(1).max(signalsMax) })

/** The signals of a platform, each read apart: one that is broken costs none of the others. Undefined for no such body. */
export function readSignals(bytes: Buffer): (Told | Unread | undefined)[] | undefined {
  return body.safeParse(jsonOf(bytes)).data?.signals.map((one) => {
    const read = told.safeParse(one)
    if (read.success) {
      const { sequence, pressedAt } = read.data
      const stamp = { number: sequence, at: pressedAt }
      return { ...read.data, sequence: sequence ?? numberOf(JSON.stringify(one)), stamp }
    }
    const account = named.safeParse(one).data?.account
    return account === undefined ? undefined : { account, unread: JSON.stringify(one).slice(0, 500) }
  })
}
