import { z } from 'zod'
import { idParams, route } from './route.ts'
import { typed } from './text.ts'

/** A leader calls everybody of an area: shown at every console there until it is over, with how many have seen it. */
export const allHandsView = z.object({
  id: z.uuid(),
  areaId: z.uuid(),
  byName: z.string(),
  text: z.string(),
  at: z.iso.datetime(),
  /** How many operators have said that they have seen it. */
  seenBy: z.number().int(),
  /** I have. */
  seen: z.boolean(),
})
export type AllHandsView = z.infer<typeof allHandsView>

export const allHandsRoutes = {
  allHands: route({
    method: 'GET',
    path: '/all-hands',
    permission: 'handle-incident',
    summary: 'Calls to everybody that are on, in my area',
    reply: z.object({ items: z.array(allHandsView), next: z.null() }),
  }),
  callAllHands: route({
    method: 'POST',
    path: '/all-hands',
    permission: 'supervise',
    summary: 'Call every operator of an area',
    body: z.object({ areaId: z.uuid(), text: typed().min(2).max(200) }),
    reply: allHandsView,
  }),
  seeAllHands: route({
    method: 'POST',
    path: '/all-hands/:id/seen',
    permission: 'handle-incident',
    summary: 'I have seen it',
    params: idParams,
    reply: allHandsView,
  }),
  endAllHands: route({
    method: 'POST',
    path: '/all-hands/:id/end',
    permission: 'supervise',
    summary: 'It is over',
    params: idParams,
    reply: allHandsView,
  }),
}
