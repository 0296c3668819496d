import type { FastifyInstance } from 'fastify'
import { callRoutes as api } from '../contracts/calls.ts'
import type { Parts } from '../platform/parts.ts'
import { serve } from '../platform/serve.ts'
import { operatorText } from './text-calls.ts'

/** What an operator writes; what they read is the call's. */
export function messageRoutes(app: FastifyInstance, parts: Parts): void {
  serve(app, api.writeText, async ({ caller, params, body }) => operatorText(parts, caller, params.id, body))
}
