import { v7 } from 'uuid'
import type { SmsHeard } from '../contracts/sms.ts'
import { actorOf } from '../incidents/model.ts'
import { after, minutes } from '../platform/clock.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal } from '../platform/refusal.ts'
import { report } from './commands.ts'
import { linkToken } from './link.ts'
import { acceptedText, tooLateText } from './texts.ts'

/** Longer than a request waits for its answer; a digit that comes later is a word to the centre like any other. */
const answersForMs = minutes(10)

/** Where a request's link leads; the address behind it is shown once it was accepted. */
export const linkOf = ({ env, seal }: Pick<Parts, 'env' | 'seal'>, assignmentId: string): string =>
  `${env.publicBaseUrl ?? `http://${env.host}:${env.port}`}/r/${linkToken(seal, assignmentId)}`

/** Do messages leave here? The demo's people are nobody, and theirs are only shown at the simulator. */
export const sendsMessages = ({ env, sms }: Pick<Parts, 'env' | 'sms'>): boolean => sms !== undefined && !env.demo

/**
 * Tells a responder's telephone. The row is there before it is sent, so that a repeated job sends once; when the gateway's
 * answer is lost it is sent again: asked twice does less harm than never.
 */
export async function deliver(parts: Parts, message: { phone: string; about: string; text: string }): Promise<void> {
  const { db, env, clock, sms } = parts
  const gateway = sendsMessages(parts) ? sms : undefined
  const first = gateway ? 'queued' : env.demo ? 'sent' : 'no-carrier'
  const { phone, about, text } = message
  await db.query(
    `INSERT INTO message (id, channel, phone, about, text, status, created_at) VALUES ($1, 'sms', $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
    [v7(), phone, about, text, first, clock.now()],
  )
  if (!gateway) return
  const [row] = await db.query<{ id: string }>(
    `SELECT id FROM message WHERE about = $1 AND channel = 'sms' AND phone = $2 AND text = $3 AND status = 'queued'`,
    [about, phone, text],
  )
  if (!row) return
  const sent = await gateway.send({ to: phone, body: text, reference: row.id })
  // Refused for good: the operator sees that nobody could be told, and rings them.
  await db.query('UPDATE message SET status = $2 WHERE id = $1', [row.id, 'refused' in sent ? 'no-carrier' : 'sent'])
}

type Asked = { id: string; responderId: string; status: string; phone: string; language: string }

/**
 * A responder answers by message: 1 takes the request, 2 declines it. True when it was such an answer; false when it is a
 * message like any other. The same answer again, or one that comes too late, changes nothing and is told so.
 */
export async function answerByMessage(parts: Parts, { from, text }: Pick<SmsHeard, 'from' | 'text'>): Promise<boolean> {
  const digit = text.trim().normalize('NFKC')
  if (digit !== '1' && digit !== '2') return false
  const [asked] = await parts.db.query<Asked>(
    `SELECT s.id, s.responder_id AS "responderId", s.status, r.phone, r.languages[1] AS language
     FROM assignment s JOIN responder r ON r.id = s.responder_id WHERE r.phone = $1 AND r.active AND s.requested_at > $2
     ORDER BY s.status = 'requested' DESC, s.requested_at DESC LIMIT 1`,
    [from, after(parts.clock.now(), -answersForMs)],
  )
  if (!asked) return false
  const said = digit === '1' ? ({ report: 'accept' } as const) : ({ report: 'decline', reason: 'busy' } as const)
  const answer = await report(parts, asked.id, said, actorOf.responder(asked.responderId))
  const { phone, language } = asked
  const about = `assignment:${asked.id}`
  if (isRefusal(answer)) await deliver(parts, { phone, about, text: tooLateText(language) })
  else if (digit === '1') await deliver(parts, { phone, about, text: acceptedText(language, linkOf(parts, asked.id)) })
  return true
}
