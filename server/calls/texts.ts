import type { CallText } from '../contracts/calls.ts'
import type { Tx } from '../platform/db.ts'
import type { Parts } from '../platform/parts.ts'

type Row = { n: number; side: 'caller' | 'operator'; sealed: Uint8Array; at: Date }

/** What was written in a conversation, oldest first. */
export async function textsOf({ db, seal }: Pick<Parts, 'db' | 'seal'>, callId: string): Promise<CallText[]> {
  const rows = await db.query<Row>('SELECT n, side, sealed, at FROM call_text WHERE call_id = $1 ORDER BY n', [callId])
  return rows.map(({ n, side, sealed, at }) => ({ n, side, text: seal.open(sealed), at: at.toISOString() }))
}

/** Stores one line, sealed. The call's row is locked before, so that lines are numbered in turn; the same clientId stores once. */
export async function addText(
  { seal, clock }: Pick<Parts, 'seal' | 'clock'>,
  tx: Tx,
  callId: string,
  said: { side: 'caller' | 'operator'; authorId: string | null; clientId: string; text: string },
): Promise<void> {
  await tx.query(
    `INSERT INTO call_text (call_id, n, side, author_id, client_id, sealed, at)
     SELECT $1, coalesce(max(n), 0) + 1, $2, $3, $4, $5, $6 FROM call_text WHERE call_id = $1
     ON CONFLICT (call_id, client_id) DO NOTHING`,
    [callId, said.side, said.authorId, said.clientId, seal.seal(said.text), clock.now()],
  )
}
