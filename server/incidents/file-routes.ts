import type { FastifyInstance } from 'fastify'
import { alarmRoutes } from '../contracts/alarms.ts'
import { residentRoutes } from '../contracts/residents.ts'
import type { Parts } from '../platform/parts.ts'
import { serve } from '../platform/serve.ts'
import { contactResultFor, readAlarm, revealAccessFor } from './file-commands.ts'

/** What is done with a resident's file for an incident, and what stands in the incident's timeline afterwards. */
export function fileRoutes(app: FastifyInstance, parts: Parts): void {
  serve(app, alarmRoutes.alarm, async ({ caller, params }) => readAlarm(parts, caller, params.id))
  serve(app, residentRoutes.revealAccess, async ({ caller, params, body }) =>
    revealAccessFor(parts, caller, params.id, body),
  )
  serve(app, residentRoutes.recordContactResult, async ({ caller, params, body }) =>
    contactResultFor(parts, caller, params.id, body),
  )
}
