import { z } from 'zod'
import { strangerReasons } from './alarms.ts'
import { idParams, page, pageQuery, route } from './route.ts'
import { protocols } from './vocabulary.ts'

export const strangerView = z.object({
  id: z.uuid(),
  protocol: z.enum(protocols),
  account: z.string(),
  said: z.string(),
  because: z.enum(strangerReasons),
  firstAt: z.iso.datetime(),
  lastAt: z.iso.datetime(),
  count: z.number().int(),
})
export type StrangerView = z.infer<typeof strangerView>

export const strangerRoutes = {
  strangers: route({
    method: 'GET',
    path: '/strangers',
    permission: 'supervise',
    summary: 'Signals of devices that we do not know, which nobody has looked at; they lie in no area',
    query: pageQuery,
    reply: page(strangerView),
  }),
  reviewStranger: route({
    method: 'POST',
    path: '/strangers/:id/review',
    permission: 'supervise',
    summary: 'Somebody has looked at it; it is new again when it signals a day later',
    params: idParams,
    reply: strangerView,
  }),
}
