import { z } from 'zod'
import { versioned } from './access.ts'
import { idParams, page, pageQuery, route, searchWords } from './route.ts'
import { deviceKinds, deviceStates, protocols } from './vocabulary.ts'

export const deviceForm = z.object({
  residentId: z.uuid().nullable(),
  areaId: z.uuid(),
  protocol: z.enum(protocols),
  account: z.string().trim().min(1).max(60),
  kind: z.enum(deviceKinds),
  room: z.string().trim().max(40),
  state: z.enum(deviceStates),
  /** Only with state in-test; afterwards the device counts as in service again. */
  testExpiresAt: z.iso.datetime().nullable(),
})
export const deviceView = deviceForm.extend({
  id: z.uuid(),
  residentName: z.string().nullable(),
  hasKey: z.boolean(),
  activatedAt: z.iso.datetime().nullable(),
  lastHeardAt: z.iso.datetime().nullable(),
  lastGoodTestAt: z.iso.datetime().nullable(),
  battery: z.number().nullable(),
  version: z.number().int(),
})
export type DeviceForm = z.infer<typeof deviceForm>
export type DeviceView = z.infer<typeof deviceView>

export const deviceRoutes = {
  devices: route({
    method: 'GET',
    path: '/devices',
    permission: 'read-file',
    summary: 'Search devices by account, resident or room',
    query: pageQuery.extend({
      q: searchWords.optional(),
      areaId: z.uuid().optional(),
      state: z.enum(deviceStates).optional(),
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
    reply: z.object({ key: z.string() }),
  }),
}
