import type { SmsHeard, SmsIn } from '../contracts/sms.ts'
import { actorOf } from '../incidents/model.ts'
import { after, minutes } from '../platform/clock.ts'
import type { Tx } from '../platform/db.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal } from '../platform/refusal.ts'
import { report } from './commands.ts'
import { deliver, linkOf, noteReport } from './deliver.ts'
import { isGoing } from './machine.ts'
import type { Assignment, Report } from './model.ts'
import { acceptedText, handedBackText, tooLateText } from './texts.ts'

/** Longer than a request waits for its answer; a digit that comes later is a word to the centre like any other. */
const answersForMs = minutes(10)

/** Whoever was asked to help answers the request; everybody else writes to an operator. Reports go to whom they are about. */
export const messagesTo = (parts: Parts, operators: SmsIn): SmsIn => ({
  async heard(message) {
    if (!(await answerByMessage(parts, message))) await operators.heard(message)
  },
  async reported(report) {
    if (!(await noteReport(parts, report))) await operators.reported(report)
  },
})

type Asked = Pick<Assignment, 'id' | 'responderId' | 'status' | 'acceptedAt'> & { phone: string; language: string }

/** The request that their digit means: one that waits for an answer, else the one to which they go, else the last one. */
async function askedOf(parts: Parts, from: string): Promise<Asked | undefined> {
  const [asked] = await parts.db.query<Asked>(
    `SELECT s.id, s.responder_id AS "responderId", s.status, s.accepted_at AS "acceptedAt", r.phone, r.languages[1] AS language
     FROM assignment s JOIN responder r ON r.id = s.responder_id WHERE r.phone = $1 AND r.active
       AND (s.requested_at > $2 OR s.status IN ('accepted', 'en-route', 'on-scene'))
     ORDER BY s.status = 'requested' DESC, s.status IN ('accepted', 'en-route', 'on-scene') DESC, s.requested_at DESC LIMIT 1`,
    [from, after(parts.clock.now(), -answersForMs)],
  )
  return asked
}

function meant(digit: string, { status }: Asked): Report {
  if (digit === '1') return { report: 'accept' }
  // Whoever has said that they come and then cannot must not stay counted as coming.
  return isGoing(status) ? { report: 'hand-back', reason: 'other' } : { report: 'decline', reason: 'busy' }
}

/**
 * A responder answers by message: 1 takes the request, 2 declines it, or hands it back once they had taken it. True when it
 * was such an answer. False when it is a message like any other, and when we cannot make sense of the digit: then an operator
 * reads it. The same message again acts no more; another one that says the same, or comes too late, is told so.
 */
export async function answerByMessage(
  parts: Parts,
  { id, from, text }: Pick<SmsHeard, 'id' | 'from' | 'text'>,
): Promise<boolean> {
  // People write `1.` and `1。` as well.
  const digit = text.normalize('NFKC').replace(/[\s.,!。、]+/g, '')
  if (digit !== '1' && digit !== '2') return false
  if ((await parts.db.query('SELECT 1 FROM message_answer WHERE id = $1', [id])).length > 0) return true
  // It went to an operator the first time.
  if ((await parts.db.query('SELECT 1 FROM call_text WHERE message_id = $1', [id])).length > 0) return false
  const asked = await askedOf(parts, from)
  if (!asked) return false
  const said = meant(digit, asked)
  const taken = (tx: Pick<Tx, 'query'>) =>
    tx
      .query('INSERT INTO message_answer (id, at) VALUES ($1, $2) ON CONFLICT DO NOTHING', [id, parts.clock.now()])
      .then(() => {})
  const answer = await report(parts, asked.id, said, actorOf.responder(asked.responderId), undefined, taken)
  const { phone, language } = asked
  // Their answer stands; what could not be sent is sent again by the sweep.
  const tell = (words: string) =>
    deliver(parts, { phone, assignmentId: asked.id, text: words }).catch((error: Error) =>
      parts.log.warn({ fault: error.message }, 'a message was not sent; again soon'),
    )
  if (isRefusal(answer)) {
    const late = answer.refused === 'request-over' && asked.acceptedAt === null
    if (!late && answer.refused !== 'booked-elsewhere') return false
    await taken(parts.db)
    await tell(tooLateText(language))
  } else if (said.report === 'accept') await tell(acceptedText(language, linkOf(parts, asked.id)))
  else if (said.report === 'hand-back') await tell(handedBackText(language))
  return true
}
