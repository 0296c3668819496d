import { z } from 'zod'
import { incidentRow } from './incidents.ts'
import { residentForm, residentRow } from './residents.ts'
import { idParams, page, pageQuery, route } from './route.ts'
import { typed } from './text.ts'
import { languages } from './vocabulary.ts'

const time = z.iso.datetime()

export const callStatuses = ['offered', 'queued', 'ringing', 'answered', 'held', 'ended'] as const
export const callEnds = [
  'hung-up',
  'abandoned',
  'lost',
  'media-lost',
  'not-taken',
  'declined',
  'no-answer',
  'unreachable',
  /** Somebody was asked by telephone, and it was taken care of before they picked up. */
  'let-go',
  'asked-call-back',
  'voicemail',
] as const
/** Why a call ended. Abandoned, lost, media-lost, not-taken, asked-call-back and voicemail leave somebody to be called back. */
export type CallEnd = (typeof callEnds)[number]
/**
 * Where somebody who waits is, instead of in the plain line: hears that the number is closed, is rung through to the number
 * outside, talks with it, is asked for a message, leaves one.
 */
export const callAsides = ['closed', 'overflow', 'outside', 'offer', 'message'] as const

/** What a caller can wish by a key while they wait. One level and no more: GB/T 33358 asks for short menus. */
export const keyWishes = ['urgent', 'cannot-speak', 'call-back', 'wait', 'zh', 'en', 'service'] as const
export type KeyWish = (typeof keyWishes)[number]

export const asksWhat = ['assignment', 'on-call'] as const
export type AsksWhat = (typeof asksWhat)[number]
export const askedOutcomes = ['accepted', 'declined', 'too-late'] as const

/** What travels in a push: nothing personal, no number. */
export const callRow = z.object({
  id: z.uuid(),
  incidentId: z.uuid(),
  direction: z.enum(['in', 'out']),
  medium: z.enum(['voice', 'text']),
  status: z.enum(callStatuses),
  areaPath: z.string(),
  operatorId: z.uuid().nullable(),
  offeredAt: time,
  queuedAt: time.nullable(),
  /** Since when nobody talks with them, without a break. */
  waitingSince: time.nullable(),
  answeredAt: time.nullable(),
  heldAt: time.nullable(),
  endedAt: time.nullable(),
  endedBecause: z.enum(callEnds).nullable(),
  /** The greeting is still being heard: who answers now is connected at its end. */
  greeting: z.boolean(),
  /** The key they pressed last, or none; how somebody answers who cannot speak. More of them could be a number of theirs. */
  lastKey: z.string().max(1),
  /** They hear the question that is answered by a key. */
  asking: z.boolean(),
  /** Of a call out that asks by keys: what for, and what came of it. No operator is needed in it. */
  asks: z.enum(asksWhat).nullable(),
  outcome: z.enum(askedOutcomes).nullable(),
  aside: z.enum(callAsides).nullable(),
  version: z.number().int(),
  seq: z.number().int(),
})
export type CallRow = z.infer<typeof callRow>

/** How a supervisor is in a conversation: heard by nobody, by its operator alone, or by both. */
export const listenModes = ['listen', 'coach', 'join'] as const

export const callLegView = z.object({
  legId: z.string(),
  side: z.enum(['caller', 'third', 'listener']),
  mode: z.enum(listenModes).nullable(),
  label: z.string(),
  operatorId: z.uuid().nullable(),
  status: z.enum(['new', 'early', 'up', 'down']),
})
export const recordingView = z.object({
  id: z.uuid(),
  startedAt: time,
  durationMs: z.number().int(),
  expiresAt: time.nullable(),
  deletedAt: time.nullable(),
})
export type RecordingView = z.infer<typeof recordingView>

/** What an alarm unit is told within its call: which way it lets sound through, and how loud it is. */
export const unitWays = ['listen', 'speak', 'duplex'] as const
export const unitCommands = [...unitWays, 'volume-up', 'volume-down'] as const
export type UnitCommand = (typeof unitCommands)[number]

/** For who has the incident in hand: with the number, who else is in it, and the recordings. */
export const callView = callRow.extend({
  number: z.string().nullable(),
  withheld: z.boolean(),
  /** False: its network does not vouch for the number, which may be anybody's. */
  verified: z.boolean().nullable(),
  line: z.string(),
  contactId: z.uuid().nullable(),
  /** The call is with this alarm unit; `commands`: its protocol has some for within the call; `way`: which it was told last. */
  unit: z.object({ kind: z.string(), room: z.string(), commands: z.boolean(), way: z.enum(unitWays) }).nullable(),
  /** The keys they pressed, newest last. */
  keyed: z.string(),
  /** What they said of the help by a key afterwards: 1 satisfied, 2 partly, 3 not. */
  rating: z.number().int().min(1).max(3).nullable(),
  legs: z.array(callLegView),
  recordings: z.array(recordingView),
})
export type CallView = z.infer<typeof callView>

export const textStates = ['waiting', 'sent', 'delivered', 'failed'] as const
export const textLine = z.object({
  n: z.number().int(),
  side: z.enum(['caller', 'operator']),
  text: z.string(),
  at: time,
})
export type TextLine = z.infer<typeof textLine>
export const callText = textLine.extend({
  /** Of a conversation by message: what became of the line that we wrote. */
  state: z.enum(textStates).nullable(),
  /** Why it failed. */
  failedBecause: z.string().nullable(),
  /** Pictures and sounds that came with it, which nobody here can see. */
  media: z.number().int(),
})
export type CallText = z.infer<typeof callText>
export const writeText = z.object({ clientId: z.string().min(8).max(64), text: typed().min(1).max(1000) })

/** Whom to bring into a conversation, or to call. */
export const callTarget = z.union([
  z.object({ resident: z.literal(true) }),
  z.object({ contactId: z.uuid() }),
  /** One of those behind the outage that the incident is about. */
  z.object({ residentId: z.uuid() }),
  z.object({ responderId: z.uuid() }),
  z.object({ operatorId: z.uuid() }),
  /** Outside: a Chinese number with its area code, or an emergency service. */
  z.object({ number: typed().min(3).max(30) }),
])
export type CallTarget = z.infer<typeof callTarget>

/** Whom to call from an incident: those, or the alarm unit of this device. */
const outTarget = z.union([...callTarget.options, z.object({ unit: z.uuid() })])
export type OutTarget = z.infer<typeof outTarget>

/** A new caller, entered while talking: five fields, the rest later in the file. */
export const newCaller = z.object({
  name: residentForm.shape.name,
  phone: residentForm.shape.phone,
  areaId: z.uuid(),
  address: typed().min(1).max(120),
  language: z.enum(languages),
})

const onCall = <B extends z.ZodType>(name: string, summary: string, body: B) =>
  route({
    method: 'POST',
    path: `/calls/:id/${name}`,
    permission: 'handle-incident',
    summary,
    params: idParams,
    body,
    reply: callView,
  })

export const callRoutes = {
  calls: route({
    method: 'GET',
    path: '/calls',
    permission: 'handle-incident',
    summary: 'Live calls of the area, or those of the last days; no numbers',
    query: pageQuery.extend({ live: z.stringbool().optional(), missed: z.stringbool().optional() }),
    reply: page(callRow.extend({ row: incidentRow })),
  }),
  invitations: route({
    method: 'GET',
    path: '/invitations',
    permission: 'handle-incident',
    summary: 'Conversations into which a colleague asks me',
    reply: z.object({
      items: z.array(z.object({ call: callRow, from: z.string(), row: incidentRow })),
      next: z.null(),
    }),
  }),
  callBacks: route({
    method: 'GET',
    path: '/call-backs',
    permission: 'handle-incident',
    summary: 'Who must be called back: gave up waiting, or was cut off; gravest first',
    reply: z.object({ items: z.array(incidentRow), next: z.null() }),
  }),
  incidentCalls: route({
    method: 'GET',
    path: '/incidents/:id/calls',
    permission: 'handle-incident',
    summary: 'The calls of an incident, newest first',
    params: idParams,
    reply: z.object({ items: z.array(callView), next: z.null() }),
  }),
  answerCall: onCall('answer', 'Take the conversation: the incident is mine, or nobody answers', z.object({})),
  holdCall: onCall('hold', 'The caller hears music', z.object({})),
  resumeCall: onCall('resume', 'Talk again', z.object({})),
  askByKeys: onCall(
    'ask-by-keys',
    'Somebody does not speak: they are asked to press 5 if they need help',
    z.object({}),
  ),
  hangUpCall: onCall('hang-up', 'End the conversation; the incident stays', z.object({})),
  commandUnit: onCall(
    'unit',
    'Tell the alarm unit within its call: listen, speak, both ways, louder, quieter',
    z.object({ command: z.enum(unitCommands) }),
  ),
  joinCall: onCall('join', 'Ring a third into the conversation', z.object({ to: callTarget })),
  acceptJoin: onCall('accept-join', 'A colleague asked me into their conversation: I come', z.object({})),
  dropLeg: onCall('drop', 'A third leaves the conversation', z.object({ legId: z.string().max(80) })),
  handOver: onCall(
    'hand-over',
    'Warm transfer: the third, an operator, takes conversation and incident; I leave',
    z.object({ operatorId: z.uuid() }),
  ),
  superviseCall: route({
    method: 'POST',
    path: '/calls/:id/supervise',
    permission: 'supervise',
    summary: 'Listen to a conversation, coach its operator, or join in; each is in the audit',
    params: idParams,
    body: z.object({ mode: z.enum(listenModes) }),
    reply: callRow,
  }),
  callTexts: route({
    method: 'GET',
    path: '/calls/:id/texts',
    permission: 'handle-incident',
    summary: 'What was written',
    params: idParams,
    reply: z.object({ items: z.array(callText), next: z.null() }),
  }),
  writeText: route({
    method: 'POST',
    path: '/calls/:id/texts',
    permission: 'handle-incident',
    summary: 'Write to the caller; the same clientId again stores nothing',
    params: idParams,
    body: writeText,
    reply: callText,
  }),

  callOut: route({
    method: 'POST',
    path: '/incidents/:id/call',
    permission: 'handle-incident',
    summary: 'Call the resident, a contact, or the alarm unit',
    params: idParams,
    body: z.object({ to: outTarget }),
    reply: callView,
  }),
  calledBack: route({
    method: 'POST',
    path: '/incidents/:id/called-back',
    permission: 'handle-incident',
    summary: 'Called back another way: nothing is open any more',
    params: idParams,
    body: z.object({ reason: typed().min(2).max(200) }),
    reply: incidentRow,
  }),
  startLadder: route({
    method: 'POST',
    path: '/incidents/:id/no-response',
    permission: 'handle-incident',
    summary: 'Nobody speaks: climb the no-response ladder',
    params: idParams,
    reply: incidentRow,
  }),
  rungFailed: route({
    method: 'POST',
    path: '/incidents/:id/rung-failed',
    permission: 'handle-incident',
    summary: 'Dialled by hand and nobody answered: climb on',
    params: idParams,
    reply: incidentRow,
  }),
  stopLadder: route({
    method: 'POST',
    path: '/incidents/:id/stop-ladder',
    permission: 'handle-incident',
    summary: 'Stop climbing, with a reason',
    params: idParams,
    body: z.object({ reason: typed().max(200) }),
    reply: incidentRow,
  }),
  candidates: route({
    method: 'GET',
    path: '/incidents/:id/candidates',
    permission: 'handle-incident',
    summary: 'Who may be calling: residents with this number, and whose contact has it',
    params: idParams,
    reply: z.object({
      items: z.array(residentRow.extend({ because: z.enum(['own-number', 'contact-number']), relation: z.string() })),
      next: z.null(),
    }),
  }),
  identify: route({
    method: 'POST',
    path: '/incidents/:id/identify',
    permission: 'handle-incident',
    summary: 'This is who calls',
    params: idParams,
    body: z.object({ residentId: z.uuid() }),
    reply: incidentRow,
  }),
  newCaller: route({
    method: 'POST',
    path: '/incidents/:id/new-caller',
    permission: 'handle-incident',
    summary: 'Enter a new caller in five fields',
    params: idParams,
    body: newCaller,
    reply: incidentRow,
  }),

  waveform: route({
    method: 'GET',
    path: '/recordings/:id/waveform',
    permission: 'handle-incident',
    summary: 'Loudness over time, left the caller, right the others; 0 … 1',
    params: idParams,
    reply: z.object({ left: z.array(z.number()), right: z.array(z.number()), durationMs: z.number().int() }),
  }),
  recordingAudio: route({
    method: 'GET',
    path: '/recordings/:id/audio',
    permission: 'handle-incident',
    summary: 'The recording as audio/wav; each hearing is audited',
    params: idParams,
    reply: z.any(),
  }),
  deleteRecording: route({
    method: 'DELETE',
    path: '/recordings/:id',
    permission: 'supervise',
    summary: 'Delete on request, with a reason; the row that it was there stays',
    params: idParams,
    body: z.object({ reason: typed().min(3).max(300) }),
    reply: z.object({}),
  }),
}
