import { z } from 'zod'
import { callStatuses, textLine, writeText } from './calls.ts'
import { idParams, route } from './route.ts'
import { typed } from './text.ts'
import { promptLocales } from './voice.ts'

/** A conversation as the kiosk knows it. */
export const kioskCall = z.object({
  id: z.uuid(),
  status: z.enum(callStatuses),
  medium: z.enum(['voice', 'text']),
  position: z.number().int(),
  texts: z.array(textLine),
})
export type KioskCall = z.infer<typeof kioskCall>

/** What a kiosk may ask with its device key. */
export const kioskRoutes = {
  kiosk: route({
    method: 'GET',
    path: '/kiosk',
    permission: 'device',
    summary: 'What this kiosk is: its community and its services',
    reply: z.object({
      deviceId: z.uuid(),
      areaName: z.string(),
      areaNameEn: z.string(),
      hotline: z.string(),
      tiles: z.array(z.object({ code: z.string(), name: z.string(), nameEn: z.string(), class: z.string() })),
    }),
  }),
  kioskWrite: route({
    method: 'POST',
    path: '/kiosk/text-calls',
    permission: 'device',
    summary: 'Begin a conversation in writing; equal to a voice call in the queue',
    body: z.object({
      clientId: z.string().min(8).max(64),
      text: typed().min(1).max(1000),
      locale: z.enum(promptLocales),
    }),
    reply: kioskCall,
  }),
  kioskCall: route({
    method: 'GET',
    path: '/kiosk/calls/:id',
    permission: 'device',
    summary: 'How the conversation stands; asking keeps it alive',
    params: idParams,
    reply: kioskCall,
  }),
  kioskText: route({
    method: 'POST',
    path: '/kiosk/calls/:id/texts',
    permission: 'device',
    summary: 'Write on',
    params: idParams,
    body: writeText,
    reply: kioskCall,
  }),
  kioskEnd: route({
    method: 'POST',
    path: '/kiosk/calls/:id/end',
    permission: 'device',
    summary: 'The person leaves',
    params: idParams,
    reply: kioskCall,
  }),
}
