import { z } from 'zod'
import { idParams, route } from './route.ts'
import { type OwnPrompt, ownPrompt, promptKeys, promptLocales } from './voice.ts'

const time = z.iso.datetime()

const promptKey = z.union([z.enum(promptKeys), z.string().regex(ownPrompt) as unknown as z.ZodType<OwnPrompt, string>])

export const promptView = z.object({
  locale: z.enum(promptLocales),
  key: promptKey,
  /** What the shipped placeholder says, and what is to be recorded. */
  text: z.string(),
  /** The recording of a person that is in use; null: the shipped placeholder is heard. */
  inUse: z.object({ id: z.uuid(), durationMs: z.number().int(), approvedAt: time }).nullable(),
  /** Waits to be heard and approved. */
  draft: z.object({ id: z.uuid(), durationMs: z.number().int(), createdAt: time }).nullable(),
})
export type PromptView = z.infer<typeof promptView>
/** 30 s of PCM 16 bit at 8 kHz are 480,000 bytes, a third more in base64, and room for a recorder's remarks. */
const promptMaxBase64 = 700_000
const promptParams = z.object({ locale: z.enum(promptLocales), key: promptKey })

export const promptRoutes = {
  prompts: route({
    method: 'GET',
    path: '/prompts',
    permission: 'administer',
    summary: 'What callers hear, in each language',
    reply: z.object({ items: z.array(promptView), next: z.null() }),
  }),
  uploadPrompt: route({
    method: 'PUT',
    path: '/prompts/:locale/:key',
    permission: 'administer',
    summary: 'A recorded or uploaded voice; heard by callers only after it was approved',
    params: promptParams,
    /** A WAV file, base64: 8 kHz mono, PCM 16 bit or mu-law; at most 30 s. */
    body: z.object({ wav: z.string().max(promptMaxBase64) }),
    bodyMaxBytes: promptMaxBase64 + 1_000,
    reply: promptView,
  }),
  shippedPrompt: route({
    method: 'GET',
    path: '/prompts/shipped/:locale/:key',
    permission: 'administer',
    summary: 'The shipped placeholder, as audio/wav',
    params: promptParams,
    reply: z.any(),
  }),
  promptAudio: route({
    method: 'GET',
    path: '/prompts/audio/:id',
    permission: 'administer',
    summary: 'One version of a prompt, as audio/wav',
    params: idParams,
    reply: z.any(),
  }),
  approvePrompt: route({
    method: 'POST',
    path: '/prompts/:locale/:key/approve',
    permission: 'administer',
    summary: 'It is good: callers hear it from now on',
    params: promptParams,
    body: z.object({ id: z.uuid() }),
    reply: promptView,
  }),
  resetPrompt: route({
    method: 'DELETE',
    path: '/prompts/:locale/:key',
    permission: 'administer',
    summary: 'Back to the shipped placeholder; a draft is thrown away',
    params: promptParams,
    reply: promptView,
  }),
}
