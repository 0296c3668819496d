import { z } from 'zod'
import { versioned } from './access.ts'
import { idParams, page, pageQuery, route, searchWords } from './route.ts'
import { code, typed } from './text.ts'
import { alarmTypes, deviceKinds, deviceStates, protocols, silences } from './vocabulary.ts'

export const deviceForm = z.object({
  residentId: z.uuid().nullable(),
  areaId: z.uuid(),
  protocol: z.enum(protocols),
  account: code().min(1).max(60),
  kind: z.enum(deviceKinds),
  room: typed().max(40),
  state: z.enum(deviceStates),
  /** Only with state in-test; afterwards the device counts as in service again. */
  testExpiresAt: z.iso.datetime().nullable(),
  /** What it promises of its heartbeats; without a type its silence says nothing. */
  typeCode: z.string().max(40).nullable().default(null),
  /** The device of kind gateway through which it reports. */
  gatewayId: z.uuid().nullable().default(null),
})
export const deviceView = deviceForm.extend({
  id: z.uuid(),
  residentName: z.string().nullable(),
  /** Its resident moved away or died: it is answered all the same, and is to be taken back. */
  fileClosed: z.boolean(),
  hasKey: z.boolean(),
  /** Since when its key is taken away, and why; another key ends that. */
  revokedAt: z.iso.datetime().nullable(),
  revokedBecause: z.string(),
  activatedAt: z.iso.datetime().nullable(),
  /** Its first press after it was installed; from then on it waits for somebody to confirm it by voice. */
  firstPressAt: z.iso.datetime().nullable(),
  lastHeardAt: z.iso.datetime().nullable(),
  lastGoodTestAt: z.iso.datetime().nullable(),
  battery: z.number().nullable(),
  /** What is broken at it and not well again. */
  faults: z.array(z.object({ type: z.enum(alarmTypes), since: z.iso.datetime() })),
  silence: z.enum(silences).nullable(),
  silentSince: z.iso.datetime().nullable(),
  version: z.number().int(),
})
export type DeviceForm = z.infer<typeof deviceForm>
export type DeviceView = z.infer<typeof deviceView>

const period = z.number().int().min(1).max(31_536_000).nullable()
/** Periods in seconds since the last word of the device; all of them, or none. */
/** Of a full battery. Kept in four bytes: what is too small for them is nothing, and two that they cannot tell apart are one. */
const share = z
  .number()
  .min(0)
  .max(1)
  .transform((value) => Math.fround(value))
export const deviceTypeForm = z
  .object({
    code: z.string().regex(/^[a-z0-9-]{2,40}$/),
    name: typed().min(1).max(60),
    nameEn: typed().min(1).max(80),
    kind: z.enum(deviceKinds),
    protocol: z.enum(protocols),
    heartbeatS: period,
    lateS: period,
    lostS: period,
    batteryLow: share,
    batteryRestored: share,
    quirks: z.record(z.string().max(40), z.union([z.string().max(200), z.number(), z.boolean()])),
  })
  .refine(({ heartbeatS, lateS, lostS }) =>
    heartbeatS === null
      ? lateS === null && lostS === null
      : lateS !== null && lostS !== null && heartbeatS <= lateS && lateS < lostS,
  )
  .refine(({ batteryLow, batteryRestored }) => batteryLow < batteryRestored)
export const deviceTypeView = z.object({ ...deviceTypeForm.shape, version: z.number().int() })
export type DeviceTypeForm = z.infer<typeof deviceTypeForm>
export type DeviceTypeView = z.infer<typeof deviceTypeView>

export const deviceRoutes = {
  deviceTypes: route({
    method: 'GET',
    path: '/device-types',
    permission: 'signed-in',
    summary: 'What kinds of device promise of their heartbeats',
    reply: z.object({ items: z.array(deviceTypeView), next: z.null() }),
  }),
  createDeviceType: route({
    method: 'POST',
    path: '/device-types',
    permission: 'administer',
    summary: 'Add a type of device',
    body: deviceTypeForm,
    reply: deviceTypeView,
  }),
  updateDeviceType: route({
    method: 'PUT',
    path: '/device-types/:code',
    permission: 'administer',
    summary: 'Change a type of device',
    params: z.object({ code: z.string().max(40) }),
    body: versioned(deviceTypeForm),
    reply: deviceTypeView,
  }),
  devices: route({
    method: 'GET',
    path: '/devices',
    slow: true,
    permission: 'read-file',
    summary: 'Search devices by account, resident or room',
    query: pageQuery.extend({
      q: searchWords.optional(),
      areaId: z.uuid().optional(),
      state: z.enum(deviceStates).optional(),
      silence: z.enum(silences).optional(),
      /** Those of closed files that still stand somewhere. */
      toTakeBack: z.stringbool().optional(),
    }),
    reply: page(deviceView),
  }),
  device: route({
    method: 'GET',
    path: '/devices/:id',
    permission: 'read-file',
    summary: 'One device',
    params: idParams,
    reply: deviceView,
  }),
  createDevice: route({
    method: 'POST',
    path: '/devices',
    permission: 'write-file',
    summary: 'Register a device',
    body: deviceForm,
    reply: deviceView,
  }),
  updateDevice: route({
    method: 'PUT',
    path: '/devices/:id',
    permission: 'write-file',
    summary: 'Change a device',
    params: idParams,
    body: versioned(deviceForm),
    reply: deviceView,
  }),
  issueDeviceKey: route({
    method: 'POST',
    path: '/devices/:id/key',
    permission: 'write-file',
    summary: 'Issue a new key, shown once; the old one stops working',
    params: idParams,
    /** `server`: where it reports, as far as that is known here. */
    reply: z.object({ key: z.string(), server: z.string() }),
  }),
  revokeDeviceKey: route({
    method: 'POST',
    path: '/devices/:id/revoke',
    permission: 'write-file',
    summary: 'Take its key away at once: whoever holds it is refused; the device stays in the books',
    params: idParams,
    body: z.object({ reason: typed().min(1).max(200) }),
    reply: deviceView,
  }),
}
