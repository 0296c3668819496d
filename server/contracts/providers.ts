import { z } from 'zod'
import { versioned } from './access.ts'
import { day, idParams, page, pageQuery, route, searchWords } from './route.ts'
import { typed } from './text.ts'
import { languages, providerKinds, responderKinds, skills, toldBys, travels } from './vocabulary.ts'

const phone = typed().min(3).max(30)

export const providerForm = z.object({
  areaId: z.uuid(),
  name: typed().min(1).max(80),
  kind: z.enum(providerKinds),
  phone,
  licence: typed().max(60),
  licenceUntil: day.nullable(),
  services: z.array(z.string().max(40)).max(60),
  hours: typed().max(60),
  active: z.boolean(),
})
export const providerView = providerForm.extend({
  id: z.uuid(),
  rating: z.number().nullable(),
  responders: z.number().int(),
  version: z.number().int(),
})
export type ProviderForm = z.infer<typeof providerForm>
export type ProviderView = z.infer<typeof providerView>

export const responderForm = z.object({
  providerId: z.uuid().nullable(),
  areaId: z.uuid(),
  name: typed().min(1).max(60),
  kind: z.enum(responderKinds),
  phone,
  languages: z.array(z.enum(languages)).min(1),
  skills: z.array(z.enum(skills)).min(1),
  travel: z.enum(travels),
  /** On an open page, by message, or by a call that is answered by keys. */
  toldBy: z.enum(toldBys),
  onDuty: z.boolean(),
  lat: z.number().min(-90).max(90),
  lon: z.number().min(-180).max(180),
  maxOpen: z.number().int().min(1).max(5),
  active: z.boolean(),
})
export const responderView = responderForm.extend({
  id: z.uuid(),
  providerName: z.string().nullable(),
  positionAt: z.iso.datetime(),
  openAssignments: z.number().int(),
  version: z.number().int(),
})
export type ResponderForm = z.infer<typeof responderForm>
export type ResponderView = z.infer<typeof responderView>

const search = pageQuery.extend({ q: searchWords.optional(), areaId: z.uuid().optional() })

export const providerRoutes = {
  providers: route({
    method: 'GET',
    path: '/providers',
    permission: 'read-providers',
    summary: 'Search providers',
    query: search,
    reply: page(providerView),
  }),
  provider: route({
    method: 'GET',
    path: '/providers/:id',
    permission: 'read-providers',
    summary: 'One provider',
    params: idParams,
    reply: providerView,
  }),
  createProvider: route({
    method: 'POST',
    path: '/providers',
    permission: 'write-providers',
    summary: 'Add a provider',
    body: providerForm,
    reply: providerView,
  }),
  updateProvider: route({
    method: 'PUT',
    path: '/providers/:id',
    permission: 'write-providers',
    summary: 'Change a provider',
    params: idParams,
    body: versioned(providerForm),
    reply: providerView,
  }),
  responders: route({
    method: 'GET',
    path: '/responders',
    permission: 'read-providers',
    summary: 'Search responders',
    query: search.extend({ providerId: z.uuid().optional() }),
    reply: page(responderView),
  }),
  responder: route({
    method: 'GET',
    path: '/responders/:id',
    permission: 'read-providers',
    summary: 'One responder',
    params: idParams,
    reply: responderView,
  }),
  createResponder: route({
    method: 'POST',
    path: '/responders',
    permission: 'write-providers',
    summary: 'Add a responder',
    body: responderForm,
    reply: responderView,
  }),
  updateResponder: route({
    method: 'PUT',
    path: '/responders/:id',
    permission: 'write-providers',
    summary: 'Change a responder',
    params: idParams,
    body: versioned(responderForm),
    reply: responderView,
  }),
}
