import type { FastifyInstance } from 'fastify'
import { incidentRoutes as api } from '../contracts/incidents.ts'
import { rowView } from '../incidents/view.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal } from '../platform/refusal.ts'
import { serve } from '../platform/serve.ts'
import { confirmDevice } from './confirm-device.ts'

/** What an operator says of the device through which they were called. */
export function confirmRoutes(app: FastifyInstance, parts: Parts): void {
  serve(app, api.confirmDevice, async ({ caller, params, body }) => {
    const answer = await confirmDevice(parts, caller, { id: params.id, version: body.version }, body.deviceId)
    return isRefusal(answer) ? answer : rowView(answer)
  })
}
