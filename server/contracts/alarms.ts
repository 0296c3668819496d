import { z } from 'zod'
import { idParams, route } from './route.ts'
import { alarmTypes } from './vocabulary.ts'

/** What every alarm protocol is decoded to. `sequence` counts up at the device and names the press for ever. */
export const alarmSignal = z.object({
  sequence: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  /** One that we do not know is taken as a press of the button. */
  type: z.enum(alarmTypes).catch('button'),
  /** The device's clock; left out when it has none. */
  pressedAt: z.iso.datetime({ offset: true }).optional().catch(undefined),
  /** 0 empty … 1 full. */
  battery: z.number().min(0).max(1).optional().catch(undefined),
  position: z
    .object({ lat: z.number().min(-90).max(90), lon: z.number().min(-180).max(180) })
    .optional()
    .catch(undefined),
})
/** Everything but the sequence may be wrong without costing the alarm: it is left out, and the receipt says so. */
export type AlarmSignal = z.infer<typeof alarmSignal>

/**
 * `clock-adrift`: the device's clock is more than 5 minutes off ours · `late`: pressed long before it reached us ·
 * `sequence-reused`: the device counts anew · `field-ignored`: a field could not be read · `unknown-type`: taken as a press ·
 * `in-test`: stored as a test, nobody is called · `out-of-service`: the device should not be in use; handled all the same.
 */
export const alarmNotes = [
  'clock-adrift',
  'late',
  'in-test',
  'out-of-service',
  'low-battery',
  'sequence-reused',
  'field-ignored',
  'unknown-type',
] as const

export const alarmReceipt = z.object({
  alarmId: z.uuid(),
  incidentId: z.uuid().nullable(),
  duplicate: z.boolean(),
  notes: z.array(z.enum(alarmNotes)),
})
export type AlarmReceipt = z.infer<typeof alarmReceipt>

export const alarmView = z.object({
  id: z.uuid(),
  deviceId: z.uuid(),
  sequence: z.number(),
  type: z.enum(alarmTypes),
  pressedAt: z.iso.datetime(),
  receivedAt: z.iso.datetime(),
  battery: z.number().nullable(),
  position: z.object({ lat: z.number(), lon: z.number() }).nullable(),
  handling: z.enum(['opened', 'attached', 'test']),
  notes: z.array(z.string()),
  incidentId: z.uuid().nullable(),
})
export type AlarmView = z.infer<typeof alarmView>

export const alarmRoutes = {
  receiveAlarm: route({
    method: 'POST',
    path: '/alarms',
    permission: 'device',
    summary: 'A device signals; 201 only after it is stored for ever',
    body: alarmSignal,
    reply: alarmReceipt,
  }),
  alarm: route({
    method: 'GET',
    path: '/alarms/:id',
    permission: 'handle-incident',
    summary: 'One signal',
    params: idParams,
    reply: alarmView,
  }),
}
