import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { v7 } from 'uuid'
import { audit } from '../../access/audit.ts'
import type { PromptView } from '../../contracts/prompts.ts'
import {
  lineOf,
  ownKinds,
  type PromptKey,
  type PromptLocale,
  promptKeys,
  promptLocales,
  promptOf,
  usualPrompt,
} from '../../contracts/voice.ts'
import type { Caller } from '../../platform/caller.ts'
import type { Parts } from '../../platform/parts.ts'
import { type Refusal, refuse } from '../../platform/refusal.ts'
import { readSpeech } from './speech.ts'

const longestMs = 30_000

type Name = { locale: PromptLocale; key: PromptKey }
type Shipped = Pick<Parts, 'shippedPrompts'>
type Texts = Record<PromptLocale, Record<(typeof promptKeys)[number], string>>
type Row = Name & { id: string; durationMs: number; createdAt: Date; approvedAt: Date | null; inUse: boolean }

/** What callers hear in each language: the approved voice of a person, or the shipped placeholder. */
export async function listPrompts({ db, shippedPrompts }: Shipped & Pick<Parts, 'db'>): Promise<PromptView[]> {
  const texts = JSON.parse(await readFile(join(shippedPrompts, 'texts.json'), 'utf8')) as Texts
  const rows = await db.query<Row>(
    `SELECT id, locale, key, duration_ms AS "durationMs", created_at AS "createdAt", approved_at AS "approvedAt", in_use AS "inUse"
     FROM prompt WHERE in_use OR approved_at IS NULL ORDER BY created_at`,
  )
  const numbers = await db.query<{ number: string }>('SELECT number FROM hotline WHERE active ORDER BY number')
  const keys: PromptKey[] = [
    ...promptKeys,
    ...numbers.flatMap(({ number }) => ownKinds.map((kind) => promptOf(kind, number))),
  ]
  return promptLocales.flatMap((locale) =>
    keys.map((key) => viewOf(rows, { locale, key }, texts[locale][usualPrompt(key)])),
  )
}

function viewOf(rows: Row[], { locale, key }: Name, text: string): PromptView {
  const own = rows.filter((row) => row.locale === locale && row.key === key)
  const used = own.find((row) => row.inUse)
  const draft = own.filter((row) => row.approvedAt === null).at(-1)
  return {
    locale,
    key,
    text,
    inUse: used?.approvedAt
      ? { id: used.id, durationMs: used.durationMs, approvedAt: used.approvedAt.toISOString() }
      : null,
    draft: draft ? { id: draft.id, durationMs: draft.durationMs, createdAt: draft.createdAt.toISOString() } : null,
  }
}

async function one(parts: Parts, name: Name): Promise<PromptView> {
  return (await listPrompts(parts)).find(
    (prompt) => prompt.locale === name.locale && prompt.key === name.key,
  ) as PromptView
}

/** What a number that is not in the list says of its own, nobody hears. */
async function isHeard({ db }: Pick<Parts, 'db'>, { key }: Name): Promise<boolean> {
  const line = lineOf(key)
  if (line === undefined) return true
  return (await db.query('SELECT 1 FROM hotline WHERE active AND number = $1', [line])).length > 0
}

/** A new voice waits to be heard and approved; one that waited before gives way. */
export async function uploadPrompt(
  parts: Parts,
  caller: Caller,
  name: Name,
  wav: Buffer,
): Promise<PromptView | Refusal> {
  if (!(await isHeard(parts, name))) return refuse('not-found')
  const speech = readSpeech(wav)
  if ('refused' in speech) return speech
  if (speech.durationMs > longestMs) return refuse('prompt-too-long', 'Speak at most 30 seconds.')
  await parts.db.transaction(async (tx) => {
    await tx.query('DELETE FROM prompt WHERE locale = $1 AND key = $2 AND approved_at IS NULL', [name.locale, name.key])
    await tx.query(
      'INSERT INTO prompt (id, locale, key, audio, duration_ms, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)',
      [v7(), name.locale, name.key, wav, speech.durationMs, caller.id, parts.clock.now()],
    )
  })
  await audit(parts, {
    accountId: caller.id,
    action: 'upload-prompt',
    subjectKind: 'prompt',
    subjectId: `${name.locale}/${name.key}`,
  })
  return one(parts, name)
}

/** Callers hear it from now on; the file that the media process plays is replaced in one step. */
export async function approvePrompt(
  parts: Parts,
  caller: Caller,
  name: Name,
  id: string,
): Promise<PromptView | Refusal> {
  if (!(await isHeard(parts, name))) return refuse('not-found')
  const now = parts.clock.now()
  const approved = await parts.db.transaction(async (tx) => {
    const [there] = await tx.query('SELECT 1 FROM prompt WHERE id = $3 AND locale = $1 AND key = $2 FOR UPDATE', [
      name.locale,
      name.key,
      id,
    ])
    if (!there) return []
    await tx.query('UPDATE prompt SET in_use = false WHERE locale = $1 AND key = $2 AND in_use AND id <> $3', [
      name.locale,
      name.key,
      id,
    ])
    return tx.query<{ audio: Buffer }>(
      `UPDATE prompt SET in_use = true, approved_by = $4, approved_at = coalesce(approved_at, $5) WHERE id = $3 AND locale = $1 AND key = $2 RETURNING audio`,
      [name.locale, name.key, id, caller.id, now],
    )
  })
  const audio = approved[0]?.audio
  if (!audio) return refuse('not-found')
  await writePrompt(parts, name, audio)
  await audit(parts, {
    accountId: caller.id,
    action: 'approve-prompt',
    subjectKind: 'prompt',
    subjectId: `${name.locale}/${name.key}`,
  })
  return one(parts, name)
}

export async function resetPrompt(parts: Parts, caller: Caller, name: Name): Promise<PromptView | Refusal> {
  if (!(await isHeard(parts, name))) return refuse('not-found')
  await parts.db.query('DELETE FROM prompt WHERE locale = $1 AND key = $2', [name.locale, name.key])
  await rm(parts.promptFile(name.locale, name.key), { force: true })
  await audit(parts, {
    accountId: caller.id,
    action: 'reset-prompt',
    subjectKind: 'prompt',
    subjectId: `${name.locale}/${name.key}`,
  })
  return one(parts, name)
}

async function writePrompt(parts: Parts, { locale, key }: Name, audio: Buffer): Promise<void> {
  const file = parts.promptFile(locale, key)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(`${file}.new`, audio)
  await rename(`${file}.new`, file)
}

/** At start: the approved voices lie where the media process looks for them. */
export async function layOutPrompts(parts: Parts): Promise<void> {
  const rows = await parts.db.query<Name & { audio: Buffer }>('SELECT locale, key, audio FROM prompt WHERE in_use')
  for (const { audio, ...name } of rows) await writePrompt(parts, name, audio)
}

/** The sound of one version, for who administers to hear. */
export async function promptAudio({ db }: Pick<Parts, 'db'>, id: string): Promise<Buffer | undefined> {
  const [row] = await db.query<{ audio: Buffer }>('SELECT audio FROM prompt WHERE id = $1', [id])
  return row?.audio
}

export const shippedAudio = ({ shippedPrompts }: Shipped, { locale, key }: Name): Promise<Buffer> =>
  readFile(join(shippedPrompts, locale, `${usualPrompt(key)}.wav`))
