import { v7 } from 'uuid'
import type { SmsGateway, SmsReported } from '../contracts/sms.ts'
import { after, minutes, seconds } from '../platform/clock.ts'
import type { Parts } from '../platform/parts.ts'
import { noteFamilyUntold } from './family-untold.ts'
import { linkToken } from './link.ts'
import { noteUndelivered } from './undelivered.ts'

/** Where a request's link leads; the address behind it is shown once it was accepted. */
export const linkOf = ({ env, seal }: Pick<Parts, 'env' | 'seal'>, assignmentId: string): string =>
  `${env.publicBaseUrl ?? `http://${env.host}:${env.port}`}/r/${linkToken(seal, assignmentId)}`

/** Do messages leave here? The demo's people are nobody, and theirs are only shown at the simulator. */
export const sendsMessages = ({ env, sms }: Pick<Parts, 'env' | 'sms'>): boolean => sms !== undefined && !env.demo

export type Message = {
  phone: string
  text: string
  /** It asks them to come: when it does not arrive, nobody waits for their answer. */
  request?: boolean
} & ({ assignmentId: string } | { about: string })

const aboutOf = (message: Message) => ('about' in message ? message.about : `assignment:${message.assignmentId}`)

/**
 * Tells a telephone. The row is there before it is sent, so that a repeated job sends once; when the gateway's answer is lost
 * it is sent again: asked twice does less harm than never. Answers how it stood before that.
 */
export async function deliver(parts: Parts, message: Message): Promise<'queued' | 'sent' | 'no-carrier'> {
  const { db, env, clock, sms } = parts
  const gateway = sendsMessages(parts) ? sms : undefined
  const first = gateway ? 'queued' : env.demo ? 'sent' : 'no-carrier'
  const { phone, text, request = false } = message
  const about = aboutOf(message)
  await db.query(
    `INSERT INTO message (id, channel, phone, about, text, status, created_at, request) VALUES ($1, 'sms', $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
    [v7(), phone, about, text, first, clock.now(), request],
  )
  if (!gateway) return first
  const [row] = await db.query<{ id: string }>(
    `SELECT id FROM message WHERE about = $1 AND channel = 'sms' AND phone = $2 AND text = $3 AND status = 'queued'`,
    [about, phone, text],
  )
  if (row) await send(parts, gateway, { id: row.id, phone, text })
  return first
}

async function send(
  parts: Parts,
  gateway: SmsGateway,
  { id, phone, text }: { id: string; phone: string; text: string },
) {
  const sent = await gateway.send({ to: phone, body: text, reference: id })
  await note(parts, id, 'refused' in sent ? 'failed' : 'sent')
}

const againAfterMs = seconds(15)
/** Later it would only confuse; by then somebody has called them. */
const againForMs = minutes(15)
const againMax = 50

/** Messages that the gateway did not take, or whose sending broke off: sent again, by the sweep. */
export async function sendQueued(parts: Parts): Promise<void> {
  const gateway = sendsMessages(parts) ? parts.sms : undefined
  if (!gateway) return
  const now = parts.clock.now()
  const rows = await parts.db.query<{ id: string; phone: string; text: string }>(
    `SELECT id, phone, text FROM message WHERE status = 'queued' AND channel = 'sms' AND created_at < $1 AND created_at > $2 ORDER BY created_at LIMIT $3`,
    [after(now, -againAfterMs), after(now, -againForMs), againMax],
  )
  for (const row of rows)
    await send(parts, gateway, row).catch((error: Error) =>
      parts.log.warn({ fault: error.message }, 'a message was not sent; again soon'),
    )
}

/** What a gateway says of a message to a responder. False when the reference is none of ours. */
export async function noteReport(
  parts: Parts,
  { reference, state }: Pick<SmsReported, 'reference' | 'state'>,
): Promise<boolean> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(reference)) return false
  await note(parts, reference, state)
  return true
}

/**
 * Reports come twice and in any order: it goes from queued to sent to its end, and of two ends the first stays. The status is
 * written last, so that a report whose work broke off is done again when the gateway repeats it.
 */
async function note(parts: Parts, id: string, state: SmsReported['state']): Promise<void> {
  const from = state === 'sent' ? ['queued'] : ['queued', 'sent']
  const [row] = await parts.db.query<{ kind: string; of: string; contact: string; request: boolean }>(
    `SELECT split_part(about, ':', 1) AS kind, split_part(about, ':', 2) AS of, split_part(about, ':', 3) AS contact, request FROM message WHERE id = $1 AND channel = 'sms' AND status = ANY ($2)`,
    [id, from],
  )
  if (!row) return
  if (state === 'failed' && row.request) await noteUndelivered(parts, row.of)
  if (state === 'failed' && row.kind === 'family') await noteFamilyUntold(parts, row.of, row.contact)
  await parts.db.query('UPDATE message SET status = $2 WHERE id = $1 AND status = ANY ($3)', [id, state, from])
}
