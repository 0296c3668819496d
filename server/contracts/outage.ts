import { z } from 'zod'
import { incidentRow } from './incidents.ts'
import { pageQuery, route } from './route.ts'
import { incidentStatuses } from './vocabulary.ts'

const time = z.iso.datetime()
export const outageResults = ['reached', 'not-reached'] as const

/** Somebody whose device hangs on what is out. */
export const outageRow = z.object({
  residentId: z.uuid(),
  name: z.string(),
  phone: z.string().nullable(),
  areaId: z.uuid(),
  address: z.string(),
  lineClass: z.number().int(),
  risks: z.array(z.string()),
  /** Null: their devices are heard again. */
  silentSince: time.nullable(),
  result: z.enum(outageResults).nullable(),
  markedAt: time.nullable(),
  markedBy: z.string().nullable(),
  /** They have called or pressed by another way: this is open for them. */
  open: z
    .object({
      incidentId: z.uuid(),
      number: z.number().int(),
      kind: z.string(),
      class: z.number().int(),
      status: z.enum(incidentStatuses),
    })
    .nullable(),
})
export type OutageRow = z.infer<typeof outageRow>

export const outageView = z.object({
  since: time,
  restoredAt: time.nullable(),
  all: z.number().int(),
  back: z.number().int(),
  reached: z.number().int(),
  notReached: z.number().int(),
  /** Behind it too, and not of your areas: somebody else looks after them. */
  elsewhere: z.number().int(),
  items: z.array(outageRow),
  next: z.string().nullable(),
})
export type OutageView = z.infer<typeof outageView>

export const outageRoutes = {
  outage: route({
    method: 'GET',
    path: '/incidents/:id/outage',
    permission: 'handle-incident',
    summary: 'Who is behind what is out, the frailest first; the look is audited',
    params: z.object({ id: z.uuid() }),
    query: pageQuery.extend({
      /** Only those whose device is silent and with whom nobody has spoken. */
      todo: z.stringbool().optional(),
    }),
    reply: outageView,
  }),
  markOutage: route({
    method: 'POST',
    path: '/incidents/:id/outage/:residentId',
    permission: 'handle-incident',
    summary: 'Somebody has spoken with them, or could not',
    params: z.object({ id: z.uuid(), residentId: z.uuid() }),
    body: z.object({ result: z.enum(outageResults) }),
    reply: incidentRow,
  }),
}
