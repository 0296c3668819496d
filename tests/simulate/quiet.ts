import { setTimeout as pause } from 'node:timers/promises'
import type { Centre } from './profiles.ts'
import type { Message } from './responders.ts'

type Look = { due: number; atWork: number; kinds: string[] | null; next: Date | null; messages: Message[] | null }
// Longer than a job ever takes here; then something hangs, and the simulation says what.
const hangsAfterMs = 60_000
const lookEveryMs = 2

/**
 * Waits until all background work that is due by now is done: the outbox holds nothing due and nothing at work. Answers when
 * the next timer is due, and what the carrier found in the message table since.
 */
export async function untilQuiet(
  { products, db }: Pick<Centre, 'products' | 'db'>,
  now: Date,
  messagesSince: Date,
): Promise<{ next: number; messages: Message[] }> {
  const started = performance.now()
  for (;;) {
    const [look] = await db.query<Look>(
      `SELECT (SELECT count(*)::int FROM outbox WHERE sent_at IS NULL AND due_at <= $1) AS due,
         (SELECT count(*)::int FROM outbox WHERE sent_at IS NOT NULL) AS "atWork",
         (SELECT array_agg(DISTINCT kind) FROM outbox WHERE sent_at IS NOT NULL OR due_at <= $1) AS kinds,
         (SELECT min(due_at) FROM outbox WHERE sent_at IS NULL) AS next,
         (SELECT json_agg(json_build_object('id', id, 'phone', phone, 'text', text) ORDER BY id) FROM message
          WHERE channel = 'sms' AND created_at >= $2) AS messages`,
      [now, messagesSince],
    )
    if (!look) throw new Error('the outbox cannot be read')
    if (look.due === 0 && look.atWork === 0)
      return { next: look.next?.getTime() ?? Number.POSITIVE_INFINITY, messages: look.messages ?? [] }
    if (performance.now() - started > hangsAfterMs)
      throw new Error(`background work does not end: ${look.kinds?.join(', ')}`)
    // The product's own drainer looks by real time; here it is told that time has passed.
    if (look.due > 0) for (const product of products) product.parts.outbox.kick()
    await pause(lookEveryMs)
  }
}
