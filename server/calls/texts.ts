import type { CallText } from '../contracts/calls.ts'
import type { SmsReported } from '../contracts/sms.ts'
import type { Tx } from '../platform/db.ts'
import type { Parts } from '../platform/parts.ts'

type Row = Omit<CallText, 'text' | 'at'> & { sealed: Uint8Array; at: Date }

/** What was written in a conversation, oldest first. */
export async function textsOf({ db, seal }: Pick<Parts, 'db' | 'seal'>, callId: string): Promise<CallText[]> {
  const rows = await db.query<Row>(
    'SELECT n, side, sealed, at, state, refused AS "failedBecause", media FROM call_text WHERE call_id = $1 ORDER BY n',
    [callId],
  )
  return rows.map(({ sealed, at, ...row }) => ({ ...row, text: seal.open(sealed), at: at.toISOString() }))
}

export type NewText = {
  side: 'caller' | 'operator'
  authorId: string | null
  clientId: string
  text: string
  /** Of one that came as a message: the gateway's name for it, and how many pictures came with it. */
  message?: { id: string; media: number }
  /** It is to go out as a message. */
  send?: boolean
}

/**
 * Stores one line, sealed, and answers its number; undefined when it is stored already. The call's row is locked before, so
 * that lines are numbered in turn; the same clientId stores once.
 */
export async function addText(
  { seal, clock }: Pick<Parts, 'seal' | 'clock'>,
  tx: Tx,
  callId: string,
  said: NewText,
): Promise<number | undefined> {
  const [row] = await tx.query<{ n: number }>(
    `INSERT INTO call_text (call_id, n, side, author_id, client_id, sealed, at, message_id, media, state)
     SELECT $1, coalesce(max(n), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9 FROM call_text WHERE call_id = $1
     ON CONFLICT (call_id, client_id) DO NOTHING RETURNING n`,
    [
      callId,
      said.side,
      said.authorId,
      said.clientId,
      seal.seal(said.text),
      clock.now(),
      said.message?.id ?? null,
      said.message?.media ?? 0,
      said.send ? 'waiting' : null,
    ],
  )
  return row?.n
}

/** One line of a conversation, as a job names it. */
export const lineName = (callId: string, n: number): string => `${callId}.${n}`
export function readLineName(name: string): { callId: string; n: number } | undefined {
  const found = /^([0-9a-f-]{36})\.(\d{1,6})$/.exec(name)
  return found ? { callId: found[1] as string, n: Number(found[2]) } : undefined
}

/** A line that waits to be sent, with whom to; undefined when it was sent or given up, or is none. */
export async function waitingText(
  { db, seal }: Pick<Parts, 'db' | 'seal'>,
  { callId, n }: { callId: string; n: number },
): Promise<{ to: string; body: string; at: Date } | undefined> {
  const [row] = await db.query<{ to: string | null; sealed: Uint8Array; at: Date }>(
    `SELECT call.number AS "to", t.sealed, t.at FROM call_text t JOIN call ON call.id = t.call_id
     WHERE t.call_id = $1 AND t.n = $2 AND t.state = 'waiting'`,
    [callId, n],
  )
  return row?.to ? { to: row.to, body: seal.open(row.sealed), at: row.at } : undefined
}

/**
 * What became of a line. Reports come twice and in any order: it goes from waiting to sent to its end, and of two ends the
 * first stays. True when that is news.
 */
export async function moveText(
  tx: Pick<Tx, 'query'>,
  { callId, n }: { callId: string; n: number },
  to: Pick<SmsReported, 'state'> & { refused: string | null },
): Promise<boolean> {
  const from = to.state === 'sent' ? ['waiting'] : ['waiting', 'sent']
  const rows = await tx.query(
    `UPDATE call_text SET state = $3, refused = $4 WHERE call_id = $1 AND n = $2 AND state = ANY ($5) RETURNING n`,
    [callId, n, to.state, to.refused, from],
  )
  return rows.length > 0
}
