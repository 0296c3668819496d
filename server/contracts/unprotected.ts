import { z } from 'zod'
import { page, pageQuery, route } from './route.ts'

/**
 * Why a resident with a device may call and not be heard: `silent` a device is lost · `never-activated` none of their devices
 * guards them · `in-test` what they have is in test, so a press calls nobody · `out-of-service` all that they have is ·
 * `low-battery` · `no-contact` nobody to ring who could go · `untested` no good test for 30 days.
 */
export const unprotectedReasons = [
  'silent',
  'never-activated',
  'in-test',
  'out-of-service',
  'low-battery',
  'no-contact',
  'untested',
] as const

export const unprotectedView = z.object({
  residentId: z.uuid(),
  name: z.string(),
  areaId: z.uuid(),
  lineClass: z.number().int(),
  risks: z.array(z.string()),
  reasons: z.array(z.enum(unprotectedReasons)),
  silentSince: z.iso.datetime().nullable(),
  /** Of the device that was tested longest ago; null when one never was. */
  daysSinceTest: z.number().int().nullable(),
})
export type UnprotectedView = z.infer<typeof unprotectedView>

/** What the list shows of them, and where they live. */
export const unprotectedMap = z.object({
  items: z.array(
    z.object({
      residentId: z.uuid(),
      name: z.string(),
      lat: z.number(),
      lon: z.number(),
      reasons: z.array(z.enum(unprotectedReasons)),
    }),
  ),
  /** So many more than are drawn; they stand in the list. */
  more: z.number().int(),
})
export type UnprotectedMap = z.infer<typeof unprotectedMap>

const which = { reason: z.enum(unprotectedReasons).optional(), areaId: z.uuid().optional() }

export const unprotectedRoutes = {
  unprotected: route({
    method: 'GET',
    path: '/unprotected',
    slow: true,
    permission: 'read-file',
    summary: 'Residents whose call may not be heard, the frailest first, and why',
    query: pageQuery.extend(which),
    reply: page(unprotectedView),
  }),
  unprotectedMap: route({
    method: 'GET',
    path: '/unprotected/map',
    slow: true,
    permission: 'read-file',
    summary: 'Where the residents of that list live',
    query: z.object(which),
    reply: unprotectedMap,
  }),
}
