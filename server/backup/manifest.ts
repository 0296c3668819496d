import { z } from 'zod'

/** A backup of a later form is refused by its number, not misread. */
export const format = 1

/**
 * The last word of a backup: what must be in it, so that what is missing or damaged is found before anything is restored.
 * `rows` are counted as they are written, in the one snapshot; `migrations` say which tables it expects.
 */
export const manifestShape = z.object({
  format: z.number().int(),
  takenAt: z.string(),
  migrations: z.array(z.object({ name: z.string(), checksum: z.string() })),
  tables: z.array(z.object({ name: z.string(), columns: z.array(z.string()), rows: z.number().int() })),
  sequences: z.array(z.object({ name: z.string(), last: z.number().int(), called: z.boolean() })),
  recordings: z.object({ kept: z.number().int(), missing: z.array(z.string()) }),
  /** A word sealed with the field key, in hex: tells before restoring whether a key is the right one. Null in a centre that never sealed. */
  keyCheck: z.string().nullable(),
  entries: z.array(z.object({ name: z.string(), bytes: z.number().int(), sha256: z.string() })),
})
export type Manifest = z.output<typeof manifestShape>

export const manifestName = 'manifest.json'
/** The manifest's own checksum, behind it. */
export const sealName = 'manifest.sha256'
export const keyName = 'field.key'
export const demoName = 'demo.json'
export const tableEntry = /^tables\/(\w+)\/\d+\.copy\.gz$/
export const recordingEntry = /^recordings\/([0-9a-f-]{36})\.rec$/
