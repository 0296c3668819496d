import type { FastifyInstance } from 'fastify'
import type { AlarmIntake } from '../alarms/open-from-alarm.ts'
import { campaignRoutes as api } from '../contracts/campaigns.ts'
import type { Parts } from '../platform/parts.ts'
import { serve } from '../platform/serve.ts'
import { createCampaign, listCampaigns, stopCampaign } from './campaigns.ts'
import { awaitPress, endTestCall, nextTestCall, readTestCall } from './test-calls.ts'

export function campaignRoutes(app: FastifyInstance, parts: Parts, intake: AlarmIntake): void {
  serve(app, api.campaigns, async ({ caller }) => listCampaigns(parts, caller))
  serve(app, api.createCampaign, async ({ caller, body }) => createCampaign(parts, caller, body))
  serve(app, api.stopCampaign, async ({ caller, params }) => stopCampaign(parts, caller, params.id))
  serve(app, api.nextTestCall, async ({ caller, params }) => nextTestCall(parts, caller, params.id))
  serve(app, api.testCall, async ({ caller, params }) => readTestCall(parts, caller, params.id))
  serve(app, api.awaitPress, async ({ caller, params }) => awaitPress(parts, caller, params.id))
  serve(app, api.endTestCall, async ({ caller, params, body }) =>
    endTestCall(parts, intake, caller, params.id, body.result),
  )
}
