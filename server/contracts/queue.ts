import { z } from 'zod'
import { incidentRow } from './incidents.ts'
import { idParams, route } from './route.ts'
import { breakReasons, languages, offerStatuses, operatorSkills, presenceStatuses } from './vocabulary.ts'

const time = z.iso.datetime()

/** An incident ringing at one operator, or for class 1 at all who qualify. `reasons` say why at whom, as code or code:value. */
export const offerView = z.object({
  id: z.uuid(),
  incidentId: z.uuid(),
  round: z.number().int(),
  operators: z.array(z.uuid()),
  status: z.enum(offerStatuses),
  reasons: z.array(z.string()),
  createdAt: time,
  expiresAt: time,
  /** The colleague who hands it over; null when it comes from the queue. */
  fromId: z.uuid().nullable(),
  /** Who was talking when it began to ring at them: their console rings softly. */
  soft: z.array(z.uuid()),
  version: z.number().int(),
  seq: z.number().int(),
})
export type OfferView = z.infer<typeof offerView>

export const presenceView = z.object({
  id: z.uuid(),
  name: z.string(),
  status: z.enum(presenceStatuses),
  reason: z.string().nullable(),
  since: time,
  /** False when the console has not been heard for 45 s. */
  live: z.boolean(),
  languages: z.array(z.enum(languages)),
  skills: z.array(z.enum(operatorSkills)),
  owned: z.number().int(),
  version: z.number().int(),
  seq: z.number().int(),
})
export type PresenceView = z.infer<typeof presenceView>

/** Team-leader attention: escalations, a caller for whom nobody is on duty, an on-call telephone that nobody rang, exhausted waves, stale claims, failed jobs. */
export const alertKinds = [
  'unanswered',
  'hard-limit',
  'on-call-not-rung',
  'on-call-not-reached',
  'waves-exhausted',
  'claim-stale',
  'second-hand-back',
  'job-failed',
  'ledger-breach',
  'wrap-up-lapsed',
  'promise-late',
  'caller-waits',
  'nobody-live',
  'ambulance-advice',
  'break-glass',
  'unknown-device',
  'audit-changed',
  'many-looks',
  'test-ending',
  'test-ended',
  'not-satisfied',
] as const
export const alert = z.object({ id: z.string(), kind: z.enum(alertKinds), incidentId: z.uuid().nullable(), at: time })
export type Alert = z.infer<typeof alert>

/** An alert with what a leader needs to act: whose area, whom to ring by hand, which work fails and how often. */
export const alertView = alert.extend({
  row: incidentRow.nullable(),
  areaId: z.uuid().nullable(),
  phone: z.string().nullable(),
  job: z.string().nullable(),
  deviceId: z.uuid().nullable(),
  count: z.number().int(),
  /** Who is meant, where it is one of us. */
  accountName: z.string().optional(),
})
export type AlertView = z.infer<typeof alertView>

export const wallboard = z.object({
  at: time,
  waiting: z.number().int(),
  oldestWaitingSince: time.nullable(),
  waitingByClass: z.record(z.string(), z.number().int()),
  owned: z.number().int(),
  held: z.number().int(),
  offersRinging: z.number().int(),
  assignmentsOpen: z.number().int(),
  latePromises: z.number().int(),
  answeredToday: z.number().int(),
  /** Of today's answered and of those still waiting: share answered within 15, 60, 180 s; 0…1, null without any. */
  within15: z.number().nullable(),
  within60: z.number().nullable(),
  within180: z.number().nullable(),
  presence: z.record(z.string(), z.number().int()),
  ledgerBreaches: z.number().int(),
  callsWaiting: z.number().int(),
  callsTalking: z.number().int(),
  callBacks: z.number().int(),
  laddersRunning: z.number().int(),
})
export type Wallboard = z.infer<typeof wallboard>

export const queueRoutes = {
  offers: route({
    method: 'GET',
    path: '/offers',
    permission: 'handle-incident',
    summary: 'What rings at me now',
    reply: z.object({ items: z.array(offerView), next: z.null() }),
  }),
  declineOffer: route({
    method: 'POST',
    path: '/offers/:id/decline',
    permission: 'handle-incident',
    summary: 'Not me; rings on at the next',
    params: idParams,
    reply: offerView,
  }),
  setPresence: route({
    method: 'PUT',
    path: '/presence',
    permission: 'handle-incident',
    summary: 'Available, on a break, away',
    body: z.object({ status: z.enum(['available', 'break', 'away']), reason: z.enum(breakReasons).optional() }),
    reply: presenceView,
  }),
  presence: route({
    method: 'GET',
    path: '/presence',
    permission: 'read-board',
    summary: 'Operators of the area and what they do',
    reply: z.object({ items: z.array(presenceView), next: z.null() }),
  }),
  wallboard: route({
    method: 'GET',
    path: '/wallboard',
    permission: 'read-board',
    summary: 'The figures for the wall',
    reply: wallboard,
  }),
  alerts: route({
    method: 'GET',
    path: '/alerts',
    permission: 'supervise',
    summary: 'What needs a team leader now',
    reply: z.object({ items: z.array(alertView), next: z.null() }),
  }),
}
