import { z } from 'zod'
import { alarmView } from './alarms.ts'
import { residentView } from './residents.ts'
import { idParams, page, pageQuery, route, version } from './route.ts'
import { typed } from './text.ts'
import { callBackReasons, dispositions, incidentStatuses, languages } from './vocabulary.ts'

const time = z.iso.datetime()

/** The list row. By the privacy rule it holds nothing personal: no name, no number, no address below the community. */
export const incidentRow = z.object({
  id: z.uuid(),
  number: z.number().int(),
  status: z.enum(incidentStatuses),
  kind: z.string(),
  class: z.number().int(),
  areaId: z.uuid(),
  areaPath: z.string(),
  language: z.enum(languages),
  queuedAt: time,
  /** Queue order: first queue time plus the allowance of the class; smaller is sooner. */
  rankAt: time,
  signals: z.number().int(),
  /** 0 none · 1 wider group · 2 amber (answer target passed) · 3 leader told · 4 red, on-call rung · 5 hard limit. */
  escalation: z.number().int(),
  limitOpen: z.boolean(),
  /** A closed incident of the same subject within 7 days: the need came back unresolved. */
  previousId: z.uuid().nullable(),
  ownerId: z.uuid().nullable(),
  claimStale: z.boolean(),
  claimedAt: time.nullable(),
  heldUntil: time.nullable(),
  catalogueCode: z.string().nullable(),
  assignmentsOpen: z.number().int(),
  promiseAt: time.nullable(),
  wrapUpUntil: time.nullable(),
  /** Somebody must be called back, and why. */
  callBack: z.enum(callBackReasons).nullable(),
  /** The present rung of the no-response ladder ends then. */
  ladderUntil: time.nullable(),
  /** It waits, and since then the on-call telephone has responsibility. */
  onCallAt: time.nullable(),
  /** Came in while its number was closed: until then it rings at nobody. */
  quietUntil: time.nullable(),
  /** A transfer rings at this colleague; the owner has it until they take it. */
  offeredTo: z.uuid().nullable(),
  /** This colleague did not take the last transfer: it stays with the owner. */
  notTakenBy: z.uuid().nullable(),
  /** Of somebody whose file is closed (moved away, deceased): answered like any other, with the mark first. */
  fileClosed: z.boolean(),
  version: z.number().int(),
  seq: z.number().int(),
})
export type IncidentRow = z.infer<typeof incidentRow>

export const factView = z.object({
  seq: z.number().int(),
  type: z.string(),
  at: time,
  /** system · device:<id> · operator:<id> · responder:<id> */
  actor: z.string(),
  actorName: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
  hash: z.string(),
})
export type FactView = z.infer<typeof factView>

export const assignmentView = z.object({
  id: z.uuid(),
  incidentId: z.uuid(),
  responderId: z.uuid(),
  responderName: z.string(),
  responderKind: z.string(),
  providerName: z.string().nullable(),
  phone: z.string(),
  wave: z.number().int(),
  status: z.string(),
  reasons: z.array(z.string()),
  distanceM: z.number().int().nullable(),
  travelMinutes: z.number().int().nullable(),
  requestedAt: time,
  expiresAt: time,
  acceptedAt: time.nullable(),
  enRouteAt: time.nullable(),
  onSceneAt: time.nullable(),
  endedAt: time.nullable(),
  promiseAt: time,
  /** Since when it is known that the request does not reach them. */
  undeliveredAt: time.nullable(),
  /** They accepted by telephone; whoever has the incident tells them where. */
  tellWhere: z.boolean(),
  reason: z.string().nullable(),
  note: z.string(),
  version: z.number().int(),
})
export type AssignmentView = z.infer<typeof assignmentView>

const pressCount = z.object({ count: z.number().int(), falsely: z.number().int() })
/** How often somebody has pressed lately, this time included. It explains; nothing is ranked by it. */
export const pressHistory = z.object({
  /** Of the last 24 hours, oldest first; the newest fifty. */
  times: z.array(time),
  lastDay: pressCount,
  last30Days: pressCount,
  /** So often that the care team looks into it: in one night, or in seven days. */
  pattern: z.enum(['night', 'week']).nullable(),
})
export type PressHistory = z.infer<typeof pressHistory>

/** The screen pop (only for who owns it, or a supervisor): row, file, signals, helpers out, neighbours ringing. */
export const incidentDetail = z.object({
  row: incidentRow,
  ownerName: z.string().nullable(),
  position: z.object({ lat: z.number(), lon: z.number(), source: z.enum(['device', 'home']) }).nullable(),
  holdReason: z.string().nullable(),
  answers: z.record(z.string(), z.string()),
  note: z.string(),
  disposition: z.enum(dispositions).nullable(),
  resident: residentView.nullable(),
  /** It is about many devices lost at once: who is behind it is asked for apart. */
  outage: z.boolean(),
  presses: pressHistory.nullable(),
  /** Newest first, at most 50. */
  alarms: z.array(alarmView.extend({ deviceKind: z.string(), room: z.string() })),
  /** Alarm units through which the resident can be called, the one that signalled last first. */
  units: z.array(z.object({ deviceId: z.uuid(), kind: z.string(), room: z.string(), number: z.string().nullable() })),
  assignments: z.array(assignmentView),
  /** Other open incidents in the same building, and of the same household in the last 7 days. */
  nearbyIncidents: z.array(z.object({ row: incidentRow, relation: z.enum(['same-home', 'same-building']) })),
})
export type IncidentDetail = z.infer<typeof incidentDetail>

/** The board: everything open in scope. `seq` is the cursor for the next question; with `since` only what changed after it. */
export const board = z.object({
  epoch: z.uuid(),
  seq: z.number().int(),
  serverTime: time,
  items: z.array(incidentRow),
})
export type Board = z.infer<typeof board>

export const ledger = z.object({
  open: z.number().int(),
  owned: z.number().int(),
  waiting: z.number().int(),
  held: z.number().int(),
  /** Open incidents that nobody owns, that wait without a timer, or are held without a return: must be 0. */
  breaches: z.number().int(),
  breachedIds: z.array(z.uuid()),
})
export type Ledger = z.infer<typeof ledger>

/** Every command may carry the version that the operator saw; a stale one is refused as `stale-version`. */
const command = z.object({ version: version.optional() })
const post = <B extends z.ZodType>(
  name: string,
  summary: string,
  body: B,
  permission: 'handle-incident' | 'supervise' = 'handle-incident',
) =>
  route({
    method: 'POST',
    path: `/incidents/:id/${name}`,
    permission,
    summary,
    params: idParams,
    body,
    reply: incidentRow,
  })

export const incidentRoutes = {
  board: route({
    method: 'GET',
    path: '/board',
    permission: 'read-board',
    summary: 'Everything open in scope, or what changed since',
    query: z.object({ epoch: z.uuid().optional(), since: z.coerce.number().int().min(0).optional() }),
    reply: board,
  }),
  incidents: route({
    method: 'GET',
    path: '/incidents',
    permission: 'read-board',
    summary: 'Incidents by status, newest first',
    query: pageQuery.extend({
      status: z.enum(incidentStatuses).optional(),
      residentId: z.uuid().optional(),
      mine: z.stringbool().optional(),
    }),
    reply: page(incidentRow),
  }),
  incident: route({
    method: 'GET',
    path: '/incidents/:id',
    permission: 'handle-incident',
    summary: 'The screen pop; the look is audited',
    params: idParams,
    query: z.object({ breakGlass: typed().min(5).max(200).optional() }),
    reply: incidentDetail,
  }),
  timeline: route({
    method: 'GET',
    path: '/incidents/:id/timeline',
    permission: 'handle-incident',
    summary: 'Every fact, oldest first, with its hash',
    params: idParams,
    reply: z.object({ items: z.array(factView), next: z.null(), intact: z.boolean() }),
  }),
  answer: post('answer', 'Take it: accepts the offer, or takes it from the list', command),
  classify: post(
    'classify',
    'What is needed',
    command.extend({
      catalogueCode: z.string().max(40),
      class: z.number().int().min(1).max(5),
      answers: z.record(z.string().max(40), z.string().max(200)),
      /** Needed to make a class 1 incident less than that. */
      lowerBecause: typed().max(200).default(''),
    }),
  ),
  confirmDevice: post(
    'confirm-device',
    'They were heard by voice through this device after its first press: it is in service',
    command.extend({ deviceId: z.uuid() }),
  ),
  note: post('note', 'Write a note into the timeline', command.extend({ text: typed().min(1).max(2000) })),
  hold: post(
    'hold',
    'Put aside; returns by itself to the top',
    command.extend({ minutes: z.number().int().min(1).max(120), reason: typed().max(200) }),
  ),
  resume: post('resume', 'Take a held one back at once', command),
  requeue: post(
    'requeue',
    'Release it; it keeps its first queue time',
    command.extend({ reason: typed().max(200).default('') }),
  ),
  transfer: post(
    'transfer',
    'Hand over to a colleague: it rings at them, and is mine until they take it (answer) or decline the offer',
    command.extend({ operatorId: z.uuid(), reason: typed().max(200).default('') }),
  ),
  withdrawTransfer: post('transfer/withdraw', 'Keep it after all: it rings at the colleague no more', command),
  tellFamily: post('tell-family', 'Tell the family by message now, if the resident has agreed; once', command),
  takeOver: post(
    'take-over',
    'Take over from its owner: free when stale or fresh, later with a reason by a supervisor',
    command.extend({ reason: typed().max(200).default('') }),
  ),
  resolve: post('resolve', 'The resident has been helped; wrap-up begins', command),
  extendWrapUp: post('extend-wrap-up', 'One more minute for notes', command),
  close: post(
    'close',
    'Close with an outcome',
    command.extend({ disposition: z.enum(dispositions), note: typed().max(2000) }),
  ),
  dismissLimit: post(
    'dismiss-limit',
    'Dismiss the hard-limit escalation, with a reason',
    command.extend({ reason: typed().min(3).max(300) }),
    'supervise',
  ),
  ledger: route({
    method: 'GET',
    path: '/ledger',
    permission: 'read-board',
    summary: 'The conservation ledger',
    reply: ledger,
  }),
}
