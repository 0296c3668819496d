import { z } from 'zod'
import { idParams, route } from './route.ts'
import { unprotectedReasons } from './unprotected.ts'
import { deviceKinds, hearings, languages } from './vocabulary.ts'

const time = z.iso.datetime()
/** `pressed` is said by the device alone; `later`: they asked to be called another time today. */
export const testCallAnswers = ['no-answer', 'device-faulty', 'later'] as const
export const testCallResults = ['pressed', 'no-answer', 'device-faulty', 'stopped'] as const

/** One resident to be called, and asked to press their button. */
export const testCallView = z.object({
  id: z.uuid(),
  campaignId: z.uuid(),
  residentId: z.uuid(),
  name: z.string(),
  phone: z.string().nullable(),
  areaId: z.uuid(),
  languages: z.array(z.enum(languages)),
  hearing: z.enum(hearings),
  risks: z.array(z.string()),
  /** The device that was tested longest ago. */
  deviceKind: z.enum(deviceKinds),
  room: z.string(),
  lastGoodTestAt: time.nullable(),
  /** Until then its next press is the test. */
  listeningUntil: time.nullable(),
  result: z.enum(testCallResults).nullable(),
  doneAt: time.nullable(),
})
export type TestCallView = z.infer<typeof testCallView>

export const campaignView = z.object({
  id: z.uuid(),
  areaId: z.uuid(),
  reason: z.enum(unprotectedReasons).nullable(),
  createdAt: time,
  createdBy: z.string(),
  stoppedAt: time.nullable(),
  all: z.number().int(),
  /** Still to be called, those for later among them. */
  open: z.number().int(),
  /** In an operator's hands now. */
  taken: z.number().int(),
  pressed: z.number().int(),
  noAnswer: z.number().int(),
  faulty: z.number().int(),
})
export type CampaignView = z.infer<typeof campaignView>

export const campaignRoutes = {
  campaigns: route({
    method: 'GET',
    path: '/campaigns',
    permission: 'handle-incident',
    summary: 'Test-call campaigns of the last 30 days and how far they are; whether one may call now',
    reply: z.object({
      items: z.array(campaignView),
      next: z.null(),
      hours: z.object({ open: z.boolean(), until: time.nullable() }),
    }),
  }),
  createCampaign: route({
    method: 'POST',
    path: '/campaigns',
    permission: 'supervise',
    summary: 'Have the unprotected of an area called, the frailest first, each by one operator',
    body: z.object({
      areaId: z.uuid(),
      reason: z.enum(unprotectedReasons).nullable(),
      residentsMax: z.number().int().min(1).max(1_000),
    }),
    reply: campaignView,
  }),
  stopCampaign: route({
    method: 'POST',
    path: '/campaigns/:id/stop',
    permission: 'supervise',
    summary: 'Call nobody more; whoever is being called is called to the end',
    params: idParams,
    reply: campaignView,
  }),
  nextTestCall: route({
    method: 'POST',
    path: '/campaigns/:id/next',
    permission: 'handle-incident',
    summary: 'The next resident for me, or the one that I have; null when there is none now',
    params: idParams,
    reply: z.object({ call: testCallView.nullable() }),
  }),
  testCall: route({
    method: 'GET',
    path: '/test-calls/:id',
    permission: 'handle-incident',
    summary: 'The resident whom I call',
    params: idParams,
    reply: testCallView,
  }),
  awaitPress: route({
    method: 'POST',
    path: '/test-calls/:id/await-press',
    permission: 'handle-incident',
    summary:
      'They are on the line and press now: for ten minutes the next press is a test, and the one after it is real',
    params: idParams,
    reply: testCallView,
  }),
  endTestCall: route({
    method: 'POST',
    path: '/test-calls/:id/end',
    permission: 'handle-incident',
    summary: 'What came of it, when no press did',
    params: idParams,
    body: z.object({ result: z.enum(testCallAnswers) }),
    reply: testCallView,
  }),
}
