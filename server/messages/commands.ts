import { v5 } from 'uuid'
import type { StoredCall } from '../calls/model.ts'
import { handOnCall } from '../calls/move.ts'
import { openFromCall } from '../calls/open-from-call.ts'
import { callColumns, lockCall } from '../calls/store.ts'
import { addText, lineName, moveText, type NewText, readLineName, waitingText } from '../calls/texts.ts'
import type { SmsHeard, SmsIn, SmsReported } from '../contracts/sms.ts'
import { after, minutes } from '../platform/clock.ts'
import type { Tx } from '../platform/db.ts'
import { enqueue } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'

// Makes the id of a conversation from that of its first message, so that one that comes twice opens one.
const messageCallSpace = '5a0e6f0d-0f0c-5b0e-8f43-3f1f5f3c9a52'
// What does not go out by then is told as failed: an operator who reads "waiting" must not wait longer for an answer.
const sendMsMax = minutes(5)
// Whoever sends ten pictures is told once; each message of ours costs, and a machine at the other end may answer it.
const cannotSeeEveryMs = minutes(60)
const uniqueViolation = '23505'

const cannotSee = {
  'zh-CN': '【一呼】我们看不到图片和语音，请用文字告诉我们需要什么帮助。',
  en: '[Yihu] We cannot see pictures or hear recordings. Please write what help you need.',
}

/** Messages from telephones and reports on ours, from whatever gateway. */
export const messagesIn = (parts: Parts): SmsIn => ({
  heard: (message) => takeMessage(parts, message, true),
  reported: (report) => takeReport(parts, report),
})

/**
 * A message opens a conversation in writing, or goes on with the open one of its number; from there it is a text call like
 * that of a kiosk. The same message again stores nothing.
 */
async function takeMessage(parts: Parts, heard: SmsHeard, again: boolean): Promise<void> {
  const known = await parts.db.query('SELECT 1 FROM call_text WHERE message_id = $1', [heard.id])
  if (known.length > 0) return
  const [open] = await parts.db.query<StoredCall>(
    `SELECT ${callColumns} FROM call WHERE number = $1 AND medium = 'text' AND device_id IS NULL AND status <> 'ended'`,
    [heard.from],
  )
  if (open && (await goOn(parts, open.id, heard))) return
  // A word to the gateway alone, from somebody who asks for nothing.
  if (heard.keyword) return
  try {
    await begin(parts, heard)
  } catch (error) {
    // The same one, or another of the same number, at the same moment: that one has opened it.
    if (!again || (error as { code?: string }).code !== uniqueViolation) throw error
    await takeMessage(parts, heard, false)
  }
}

const localeOf = (text: string) => (/[a-z]/i.test(text) && !/\p{Script=Han}/u.test(text) ? 'en' : 'zh-CN')

async function begin(parts: Parts, heard: SmsHeard): Promise<void> {
  const callId = v5(heard.id, messageCallSpace)
  const locale = localeOf(heard.text)
  const party = { kind: 'phone' as const, number: heard.from }
  const arrival = { callId, legId: null, party, medium: 'text' as const, line: heard.to, locale } as const
  await openFromCall(parts, arrival, (tx) => store(parts, tx, { id: callId, locale }, heard))
}

/** False when it has ended meanwhile. */
async function goOn(parts: Parts, callId: string, heard: SmsHeard): Promise<boolean> {
  return parts.db.transaction(async (tx) => {
    const call = await lockCall(tx, callId)
    if (!call || call.status === 'ended') return false
    await store(parts, tx, call, heard)
    await tellWritten(parts, tx, call, true)
    return true
  })
}

async function store(
  parts: Parts,
  tx: Tx,
  call: Pick<StoredCall, 'id' | 'locale'>,
  { id, text, media }: SmsHeard,
): Promise<void> {
  const by = { authorId: null, clientId: id }
  const stored = await addText(parts, tx, call.id, { ...by, side: 'caller', text, message: { id, media } })
  if (stored === undefined || media === 0) return
  const told = await tx.query(
    `SELECT 1 FROM call_text WHERE call_id = $1 AND side = 'operator' AND client_id LIKE 'media:%' AND at > $2 LIMIT 1`,
    [call.id, after(parts.clock.now(), -cannotSeeEveryMs)],
  )
  if (told.length > 0) return
  await writeMessage(parts, tx, call.id, {
    ...by,
    clientId: `media:${id}`,
    side: 'operator',
    text: cannotSee[call.locale],
  })
}

/** Stores a line of ours and hands it on to be sent. */
export async function writeMessage(parts: Parts, tx: Tx, callId: string, said: NewText): Promise<void> {
  const n = await addText(parts, tx, callId, { ...said, send: true })
  if (n === undefined) return
  await enqueue(tx, 'send-text', lineName(callId, n), parts.clock.now())
  tx.afterCommit(() => parts.outbox.kick())
}

/** A conversation in writing has gone on, and the consoles hear of it; `seen` when it was they who wrote. */
export async function tellWritten(parts: Parts, tx: Tx, call: StoredCall, seen: boolean): Promise<void> {
  const [saved] = await tx.query<{ version: number; seq: number }>(
    `UPDATE call SET version = version + 1, seq = nextval('change_seq'), seen_at = CASE WHEN $2 THEN $3 ELSE seen_at END WHERE id = $1 RETURNING version, seq`,
    [call.id, seen, parts.clock.now()],
  )
  await handOnCall(parts, tx, { ...call, ...saved })
}

async function note(
  parts: Parts,
  line: { callId: string; n: number },
  to: { state: SmsReported['state']; refused: string | null },
): Promise<void> {
  await parts.db.transaction(async (tx) => {
    const call = await lockCall(tx, line.callId)
    if (call && (await moveText(tx, line, to))) await tellWritten(parts, tx, call, false)
  })
}

async function takeReport(parts: Parts, { reference, ...report }: SmsReported): Promise<void> {
  const line = readLineName(reference)
  if (line) await note(parts, line, report)
}

/**
 * Sends a line. When the answer of the gateway is lost it is sent again: a line that comes twice does less harm than one
 * that never comes. What cannot be sent is shown at the line, with what to do.
 */
export async function sendText(parts: Parts, name: string): Promise<void> {
  const line = readLineName(name)
  const text = line && (await waitingText(parts, line))
  if (!text) return
  if (!parts.sms) return note(parts, line, { state: 'failed', refused: 'no-gateway' })
  if (after(text.at, sendMsMax) <= parts.clock.now()) return note(parts, line, { state: 'failed', refused: 'outage' })
  const sent = await parts.sms.send({ to: text.to, body: text.body, reference: name })
  await note(
    parts,
    line,
    'refused' in sent ? { state: 'failed', refused: sent.refused } : { state: 'sent', refused: null },
  )
}
