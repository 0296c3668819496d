import { z } from 'zod'
import { assignmentView, incidentRow } from './incidents.ts'
import { idParams, page, pageQuery, route, searchWords, version } from './route.ts'
import { typed } from './text.ts'
import { declineReasons, skills } from './vocabulary.ts'

const time = z.iso.datetime()

/** A helper near, with every reason for the rank as code or code:value (e.g. `minutes:7`, `speaks:yue`, `load:0/1`). */
export const helper = z.object({
  responderId: z.uuid(),
  name: z.string(),
  kind: z.string(),
  providerName: z.string().nullable(),
  /** Null when they work outside of the caller's areas; whoever has sent them reads it at the assignment. */
  phone: z.string().nullable(),
  languages: z.array(z.string()),
  skills: z.array(z.string()),
  travel: z.string(),
  lat: z.number(),
  lon: z.number(),
  positionAt: time,
  distanceM: z.number().int(),
  travelMinutes: z.number().int(),
  openAssignments: z.number().int(),
  score: z.number(),
  reasons: z.array(z.string()),
  /** Already asked for this incident, and how it ended. */
  asked: z.string().nullable(),
  /** Would be asked now, were the next wave sent without picking by hand. */
  firstWave: z.boolean(),
})
export type Helper = z.infer<typeof helper>

export const token = z.object({ token: z.string().regex(/^[A-Za-z0-9_-]{20,80}$/) })

/** What a responder sees: how far and by when; address, access and contact only between accepting and closure + 1 hour. */
export const responderPage = z.object({
  assignmentId: z.uuid(),
  status: z.string(),
  responderName: z.string(),
  service: z.object({ name: z.string(), nameEn: z.string(), class: z.number().int() }),
  areaName: z.string(),
  areaNameEn: z.string(),
  /** Null when it is not known where either is. */
  distanceM: z.number().int().nullable(),
  travelMinutes: z.number().int().nullable(),
  promiseAt: time,
  expiresAt: time,
  reason: z.string().nullable(),
  serverTime: time,
  zone: z.string(),
  version: z.number().int(),
  /** The link's token of another request that waits for their answer: they may have no other page open. */
  alsoAsked: z.string().nullable(),
  place: z
    .object({
      nameToUse: z.string(),
      address: z.string(),
      building: z.string(),
      entrance: z.string(),
      floor: z.number().int().nullable(),
      room: z.string(),
      lift: z.boolean(),
      access: z.string(),
      standingInstruction: z.string(),
      risks: z.array(z.string()),
      hearing: z.string(),
      languages: z.array(z.string()),
      phone: z.string().nullable(),
      /** Null when it is not known: then the operator is asked. */
      lat: z.number().nullable(),
      lon: z.number().nullable(),
      /** What the desk has written down so far, oldest first, a line each. */
      operatorNote: z.string(),
      /** What was asked and answered at the desk. */
      answers: z.array(
        z.object({ question: z.string(), questionEn: z.string(), answer: z.string(), answerEn: z.string() }),
      ),
      /** Who has it at the desk, and the number by which they are rung back; null what is not known. */
      ringBack: z.object({ name: z.string().nullable(), number: z.string().nullable() }),
    })
    .nullable(),
})
export type ResponderPage = z.infer<typeof responderPage>

const reply = <B extends z.ZodType>(name: string, summary: string, body: B) =>
  route({
    method: 'POST',
    path: `/r/:token/${name}`,
    permission: 'responder',
    summary,
    params: token,
    body,
    reply: responderPage,
  })

export const demoMessage = z.object({
  id: z.uuid(),
  channel: z.string(),
  to: z.string(),
  text: z.string(),
  link: z.string().nullable(),
  status: z.string(),
  createdAt: time,
})
export const demoDevice = z.object({
  id: z.uuid(),
  account: z.string(),
  kind: z.string(),
  room: z.string(),
  /** Empty for a kiosk, which is everybody's. */
  residentName: z.string(),
  areaId: z.uuid(),
  areaName: z.string(),
  areaNameEn: z.string(),
  key: z.string(),
  state: z.string(),
})
/** A resident's telephone, or that of a contact: then `relation` says of whom (`of`) they are what. */
export const demoPhone = z.object({
  id: z.uuid(),
  name: z.string(),
  number: z.string(),
  areaName: z.string(),
  relation: z.string(),
  of: z.string(),
})

export const dispatchRoutes = {
  helpers: route({
    method: 'GET',
    path: '/incidents/:id/helpers',
    permission: 'handle-incident',
    summary: 'Who could go, nearest and fittest first, with reasons',
    params: idParams,
    query: z.object({ skill: z.enum(skills).optional(), limit: z.coerce.number().int().min(1).max(50).default(12) }),
    reply: z.object({ items: z.array(helper), next: z.null() }),
  }),
  dispatch: route({
    method: 'POST',
    path: '/incidents/:id/dispatch',
    permission: 'handle-incident',
    summary: 'Send somebody: in waves, or the named ones',
    params: idParams,
    body: z.object({
      version: version.optional(),
      responderIds: z.array(z.uuid()).min(1).max(10).optional(),
      needed: z.number().int().min(1).max(5).default(1),
    }),
    reply: z.object({ row: incidentRow, assignments: z.array(assignmentView) }),
  }),
  standDown: route({
    method: 'POST',
    path: '/assignments/:id/stand-down',
    permission: 'handle-incident',
    summary: 'Cancel a helper; told at once',
    params: idParams,
    body: z.object({ reason: typed().max(200).default('') }),
    reply: assignmentView,
  }),
  /** An operator enters what a responder said by telephone. */
  reportFor: route({
    method: 'POST',
    path: '/assignments/:id/report',
    permission: 'handle-incident',
    summary: 'Enter a responder’s report for them',
    params: idParams,
    body: z.object({
      report: z.enum(['accept', 'decline', 'en-route', 'on-scene', 'done']),
      reason: z.enum(declineReasons).optional(),
      note: typed().max(500).default(''),
    }),
    reply: assignmentView,
  }),
  responderPage: route({
    method: 'GET',
    path: '/r/:token',
    permission: 'responder',
    summary: 'The request as the responder sees it',
    params: token,
    reply: responderPage,
  }),
  requestShown: route({
    method: 'POST',
    path: '/r/:token/shown',
    permission: 'responder',
    summary: 'The request stands on the page, before their eyes',
    params: token,
    reply: z.object({}),
  }),
  acceptRequest: reply('accept', 'I go', z.object({})),
  declineRequest: reply('decline', 'I cannot', z.object({ reason: z.enum(declineReasons) })),
  onMyWay: reply('en-route', 'On my way', z.object({})),
  onScene: reply('on-scene', 'I am here', z.object({})),
  done: reply('done', 'Done', z.object({ note: typed().max(500).default('') })),
  handBack: reply('hand-back', 'I cannot go on', z.object({ reason: z.enum(declineReasons) })),
  tellWhereabouts: route({
    method: 'POST',
    path: '/r/:token/whereabouts',
    permission: 'responder',
    summary: 'Where I am, while I am out on this task; nothing is taken before or after it',
    params: token,
    body: z.object({
      lat: z.number().min(-90).max(90),
      lon: z.number().min(-180).max(180),
      accuracyM: z.number().min(0).max(1_000_000).optional(),
    }),
    /** False when it is too inexact to say anything. */
    reply: z.object({ kept: z.boolean() }),
  }),
  map: route({
    method: 'GET',
    path: '/map',
    permission: 'signed-in',
    summary: 'The schematic base map, as GeoJSON',
    reply: z.looseObject({ type: z.literal('FeatureCollection'), features: z.array(z.unknown()) }),
  }),
  followUps: route({
    method: 'GET',
    path: '/follow-ups',
    permission: 'handle-incident',
    summary: 'Calls we promised, most overdue first',
    query: pageQuery,
    reply: page(
      z.object({
        id: z.uuid(),
        incidentId: z.uuid(),
        incidentNumber: z.number().int(),
        kind: z.string(),
        areaId: z.uuid(),
        dueAt: time,
        /** Whom to call, and about what. The look at the list is audited. */
        residentName: z.string(),
        /** One of the family whom the message did not reach: then it is their number. */
        contactName: z.string().nullable(),
        phone: z.string().nullable(),
        incidentKind: z.string(),
        disposition: z.string().nullable(),
        closedAt: time.nullable(),
        /** I closed it: a colleague asks, unless nobody else is on duty. */
        closedByMe: z.boolean(),
      }),
    ),
  }),
  completeFollowUp: route({
    method: 'POST',
    path: '/follow-ups/:id/complete',
    permission: 'handle-incident',
    summary: 'The call was made',
    params: idParams,
    body: z.object({
      result: z.enum(['satisfied', 'not-satisfied', 'not-reached', 'arranged']),
      note: typed().max(500).default(''),
    }),
    reply: z.object({
      /** Nobody else was on duty, and so who had closed it asked. */
      byCloser: z.boolean(),
      /** The matter that was opened, or joined, by whoever was not satisfied. */
      linkedIncidentId: z.uuid().nullable(),
      linkedNumber: z.number().int().nullable(),
      undoUntil: time,
    }),
  }),
  undoFollowUp: route({
    method: 'POST',
    path: '/follow-ups/:id/undo',
    permission: 'handle-incident',
    summary: 'It was entered by mistake: due again, within five minutes and by who entered it',
    params: idParams,
    body: z.object({}),
    reply: z.object({}),
  }),
  demoDevices: route({
    method: 'GET',
    path: '/demo/devices',
    permission: 'demo',
    summary: 'Pretend pendants (demo only)',
    reply: z.object({ items: z.array(demoDevice), next: z.null() }),
  }),
  demoPhones: route({
    method: 'GET',
    path: '/demo/phones',
    permission: 'demo',
    summary: 'Whose telephone to pretend: residents and their contacts, by name, number or address (demo only)',
    query: z.object({ q: searchWords.default('') }),
    reply: z.object({ items: z.array(demoPhone), next: z.null() }),
  }),
  demoMessages: route({
    method: 'GET',
    path: '/demo/messages',
    permission: 'demo',
    summary: 'Messages that pretend telephones received (demo only)',
    reply: z.object({ items: z.array(demoMessage), next: z.null() }),
  }),
  sendDemoMessage: route({
    method: 'POST',
    path: '/demo/messages',
    permission: 'demo',
    summary: 'A pretend telephone writes to the hotline, as by SMS (demo only)',
    body: z.object({ from: z.string().regex(/^\+\d{6,15}$/), text: typed().min(1).max(1000) }),
    reply: z.object({}),
  }),
  demoResponders: route({
    method: 'GET',
    path: '/demo/responders',
    permission: 'demo',
    summary: 'Whether pretend responders answer by themselves',
    reply: z.object({ on: z.boolean() }),
  }),
  setDemoResponders: route({
    method: 'PUT',
    path: '/demo/responders',
    permission: 'demo',
    summary: 'Switch the pretend responders on or off',
    body: z.object({ on: z.boolean() }),
    reply: z.object({ on: z.boolean() }),
  }),
}
