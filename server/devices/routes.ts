import type { FastifyInstance } from 'fastify'
import { auditList, auditLook } from '../access/audit.ts'
import { deviceImportRoutes } from '../contracts/device-import.ts'
import { deviceRoutes as api } from '../contracts/devices.ts'
import { strangerRoutes } from '../contracts/strangers.ts'
import { unprotectedRoutes } from '../contracts/unprotected.ts'
import type { Parts } from '../platform/parts.ts'
import { refuse } from '../platform/refusal.ts'
import { serve } from '../platform/serve.ts'
import { issueKey, revokeKey, saveDevice } from './commands.ts'
import { importDevices, tryImport } from './import.ts'
import { loadDevice, searchDevices } from './queries.ts'
import { listStrangers, reviewStranger } from './review-strangers.ts'
import { listDeviceTypes, saveDeviceType } from './types.ts'
import { listUnprotected, mapUnprotected } from './unprotected.ts'

export function deviceRoutes(app: FastifyInstance, parts: Parts): void {
  // A device names its resident.
  serve(app, api.devices, async ({ caller, query }) => {
    const answer = await searchDevices(parts, caller.pathsFor('read-file'), query)
    return auditList(parts, { accountId: caller.id, subjectKind: 'device-list' }, query, answer)
  })
  serve(app, api.device, async ({ caller, params }) => {
    const device = await loadDevice(parts, params.id, caller.pathsFor('read-file'))
    if (!device) return refuse('not-found')
    await auditLook(parts, { accountId: caller.id, subjectKind: 'device', subjectId: params.id })
    return device
  })
  serve(app, api.createDevice, async ({ caller, body }) => saveDevice(parts, caller, body))
  serve(app, api.updateDevice, async ({ caller, params, body }) =>
    saveDevice(parts, caller, body.form, { id: params.id, version: body.version }),
  )
  serve(app, api.issueDeviceKey, async ({ caller, params }) => issueKey(parts, caller, params.id))
  serve(app, api.revokeDeviceKey, async ({ caller, params, body }) => revokeKey(parts, caller, params.id, body.reason))
  serve(app, deviceImportRoutes.checkDeviceImport, async ({ caller, body }) => tryImport(parts, caller, body.file))
  serve(app, deviceImportRoutes.importDevices, async ({ caller, body }) => importDevices(parts, caller, body.file))
  serve(app, api.deviceTypes, async () => ({ items: await listDeviceTypes(parts), next: null }))
  serve(app, api.createDeviceType, async ({ caller, body }) => saveDeviceType(parts, caller, body))
  serve(app, api.updateDeviceType, async ({ caller, params, body }) =>
    saveDeviceType(parts, caller, body.form, { code: params.code, version: body.version }),
  )
  serve(app, unprotectedRoutes.unprotected, async ({ caller, query }) => {
    const answer = await listUnprotected(parts, caller.pathsFor('read-file'), query)
    const named = { items: answer.items.map(({ residentId: id }) => ({ id })) }
    await auditList(parts, { accountId: caller.id, subjectKind: 'resident-list' }, query, named)
    return answer
  })
  serve(app, unprotectedRoutes.unprotectedMap, async ({ caller, query }) => {
    await auditLook(parts, { accountId: caller.id, subjectKind: 'resident-list', subjectId: caller.id })
    return mapUnprotected(parts, caller.pathsFor('read-file'), query)
  })
  serve(app, strangerRoutes.strangers, async ({ caller, query }) => listStrangers(parts, caller, query))
  serve(app, strangerRoutes.reviewStranger, async ({ caller, params }) => reviewStranger(parts, caller, params.id))
}
