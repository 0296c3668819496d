import { existsSync, readFileSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { layOutPrompts } from '../../server/calls/sound/prompts.ts'
import type { PromptView } from '../../server/contracts/prompts.ts'
import { ownKinds, promptKeys, promptLocales } from '../../server/contracts/voice.ts'
import { readWav } from '../../telephony/media/wav.ts'
import { type Centre, startCentre } from '../support/centre.ts'
import { tone } from '../support/tones.ts'
import { pcmWav, wav } from '../support/wav.ts'

type Person = Awaited<ReturnType<Centre['as']>>
type Answer = PromptView & { code?: string }
let centre: Centre
let admin: Person
beforeAll(async () => {
  centre = await startCentre()
  admin = await centre.as('admin')
})
afterAll(() => centre.close())

const here = '/prompts/zh-CN/greeting'
const base64 = (file: Uint8Array) => Buffer.from(file).toString('base64')
const voice = (ms: number, hz = 440) => pcmWav(tone(hz, ms))
const upload = (file: Uint8Array, path = here) => admin.put<Answer>(path, { wav: base64(file) })
const reset = (path = here) => centre.ask<Answer>('DELETE', path, {}, { cookie: admin.cookie })
const listed = async () =>
  (await admin.get<{ items: PromptView[] }>('/prompts')).body.items.find(
    (one) => one.locale === 'zh-CN' && one.key === 'greeting',
  ) as PromptView
const sound = async (path: string, cookie = admin.cookie) => {
  const reply = await centre.app.inject({ method: 'GET', url: `/api/v1${path}`, headers: { cookie } })
  return { status: reply.statusCode, type: reply.headers['content-type'], bytes: reply.rawPayload }
}
/** What the media process finds in its own folder; without it, it plays the placeholder. */
const heardBy = () => {
  const file = centre.parts.promptFile('zh-CN', 'greeting')
  return existsSync(file) ? readFileSync(file) : undefined
}

describe('what callers hear', () => {
  test('is the placeholder at first; its words are shown and its sound can be heard', async () => {
    const { items } = (await admin.get<{ items: PromptView[] }>('/prompts')).body
    expect(items).toHaveLength((promptKeys.length + 2 * ownKinds.length) * promptLocales.length) // and the greetings of two numbers
    expect(items.every((one) => one.text.length > 3 && one.inUse === null && one.draft === null)).toBe(true)
    expect((await listed()).text).toContain('录音')
    const { status, type, bytes } = await sound('/prompts/shipped/en/goodbye')
    expect([status, type, readWav(bytes).ok]).toEqual([200, 'audio/wav', true])
    expect((await sound('/prompts/shipped/en/..%2f..%2fmake.mjs')).status).toBe(404)
  })
  test('a recorded voice is heard by who administers, by callers only once it is approved', async () => {
    const file = voice(2_000)
    const { body } = await upload(file)
    expect(body).toMatchObject({ inUse: null, draft: { durationMs: 2_000 } })
    expect(heardBy()).toBeUndefined()
    expect((await sound(`/prompts/audio/${body.draft?.id}`)).bytes.equals(Buffer.from(file))).toBe(true)
    const approved = (await admin.post<Answer>(`${here}/approve`, { id: body.draft?.id })).body
    expect(approved).toMatchObject({ draft: null, inUse: { id: body.draft?.id, durationMs: 2_000 } })
    expect(heardBy()?.equals(Buffer.from(file))).toBe(true)
    expect((await admin.post<Answer>(`${here}/approve`, { id: body.draft?.id })).body).toEqual(approved)
  })
  test('a newer one waits beside it, and a still newer takes its place', async () => {
    const before = (await listed()).inUse?.id
    await upload(voice(1_000))
    const { body } = await upload(voice(3_000, 500))
    expect(body).toMatchObject({ inUse: { id: before }, draft: { durationMs: 3_000 } })
    await admin.post(`${here}/approve`, { id: body.draft?.id })
    expect(await listed()).toMatchObject({ draft: null, inUse: { id: body.draft?.id } })
    expect(heardBy()?.length).toBe(voice(3_000).length)
  })
  test('approving what is not there, or belongs elsewhere, changes nothing', async () => {
    const before = await listed()
    const other = (await upload(voice(900), '/prompts/en/goodbye')).body.draft?.id
    for (const id of [crypto.randomUUID(), other])
      expect((await admin.post<Answer>(`${here}/approve`, { id })).status).toBe(404)
    expect(await listed()).toEqual(before)
  })
  test('after a restart the approved voice lies where the media process looks', async () => {
    const used = heardBy()
    await reset('/prompts/en/goodbye')
    const file = centre.parts.promptFile('zh-CN', 'greeting')
    rmSync(file)
    await layOutPrompts(centre.parts)
    expect(heardBy()?.equals(used as Buffer)).toBe(true)
  })
  test('back to the placeholder: voice and draft are gone, twice is once', async () => {
    await upload(voice(1_000))
    for (let i = 0; i < 2; i++) expect((await reset()).body).toMatchObject({ inUse: null, draft: null })
    expect(heardBy()).toBeUndefined()
  })
  test('a number has a greeting of its own; one that stands in no list has none', async () => {
    const own = '/prompts/zh-CN/greeting@12349'
    const { body } = await upload(voice(1_500), own)
    await admin.post(`${own}/approve`, { id: body.draft?.id })
    expect(existsSync(centre.parts.promptFile('zh-CN', 'greeting@12349'))).toBe(true)
    expect((await upload(voice(1_500), '/prompts/zh-CN/greeting@99999')).status).toBe(404)
    expect((await upload(voice(1_500), '/prompts/zh-CN/greeting@..%2f..%2fkey')).status).toBe(404)
    await reset(own)
    expect(existsSync(centre.parts.promptFile('zh-CN', 'greeting@12349'))).toBe(false)
  })
  test('each step is in the audit', async () => {
    const rows = await centre.db.query<{ action: string }>(
      `SELECT DISTINCT action FROM audit WHERE subject_kind = 'prompt' AND subject_id = 'zh-CN/greeting' ORDER BY action`,
    )
    expect(rows.map((row) => row.action)).toEqual(['approve-prompt', 'reset-prompt', 'upload-prompt'])
  })
})

describe('what is no prompt', () => {
  const data = new Uint8Array(16_000)
  const bad: [string, Uint8Array][] = [
    ['nothing', new Uint8Array()],
    ['a text', Buffer.from('不是声音'.repeat(40))],
    ['a picture', Buffer.from(`89504e470d0a1a0a${'00'.repeat(80)}`, 'hex')],
    ['two channels', wav({ format: 1, bits: 16, channels: 2, data })],
    ['another rate', wav({ format: 1, bits: 16, hz: 44_100, data })],
    ['eight bits', wav({ format: 1, bits: 8, data })],
    ['floating point', wav({ format: 3, bits: 32, data })],
    ['a head without sound', wav({ format: 1, bits: 16, data: new Uint8Array() })],
    ['a click', voice(40)],
    ['a head that is cut off', voice(500).slice(0, 30)],
  ]
  test.each(bad)('%s is refused by name', async (_, file) => {
    const { status, body } = await upload(file)
    expect([status, body.code]).toEqual([409, 'not-speech'])
    expect((await listed()).draft).toBeNull()
  })
  test('thirty seconds fit, more is said to be too long, and far more is not read', async () => {
    expect((await upload(voice(30_000))).status).toBe(200)
    expect((await upload(voice(31_000))).body.code).toBe('prompt-too-long')
    expect((await upload(voice(50_000))).status).toBe(413)
    await reset()
  })
  test('mu-law is taken as it is', async () => {
    expect((await upload(wav({ format: 7, bits: 8, data: new Uint8Array(8_000).fill(0x40) }))).status).toBe(200)
    await reset()
  })
  test('an operator can neither listen nor change what callers hear', async () => {
    const ana = await centre.as('op01')
    const asked = [
      (await ana.get('/prompts')).status,
      (await ana.put(here, { wav: base64(voice(1_000)) })).status,
      (await sound('/prompts/shipped/en/wait', ana.cookie)).status,
    ]
    expect(asked).toEqual([403, 403, 403])
  })
  test('a large body is taken here and nowhere else', async () => {
    const large = { reason: 'x'.repeat(100_000) }
    expect((await admin.post(`/incidents/${crypto.randomUUID()}/called-back`, large)).status).toBe(413)
  })
})
