import type { Tx } from '../platform/db.ts'
import type { Parts } from '../platform/parts.ts'

// As many as a busy minute writes; what is left comes with the next.
const batchMax = 2_000
const noHead = Buffer.alloc(0)

// What a row says, in one order and without the settings of a connection.
const rowText = `jsonb_build_array(id, extract(epoch FROM at), account_id, action, subject_kind, subject_id, reason, address, session,
  encode(words, 'hex'), named)::text`

type Batch = { count: number; text: string }
const headOf = (seal: Parts['seal'], n: number, before: Buffer, { count, text }: Batch) =>
  seal.sign(`audit:${n}:${count}:${before.toString('hex')}:${text}`)

const batchOf = async (tx: Pick<Tx, 'query'>, n: number): Promise<Batch> =>
  (
    await tx.query<Batch>(
      `SELECT count(*)::int AS count, encode(sha256(convert_to(coalesce(string_agg(${rowText}, E'\\n' ORDER BY id), ''), 'UTF8')), 'hex') AS text
       FROM audit WHERE sealed_in = $1`,
      [n],
    )
  )[0] as Batch

/**
 * Chains what the audit has got since the last time: a batch is signed together with the one before, by a key that the database
 * does not hold. Done behind the looks, so that a look and a sign-in are no slower. One at a time; true when there was something.
 */
export async function sealAudit({ db, seal, clock, log }: Parts): Promise<boolean> {
  return db.transaction(async (tx) => {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtext('yihu.audit-seal'))`)
    const [last] = await tx.query<{ n: number; head: Buffer }>('SELECT n, head FROM audit_seal ORDER BY n DESC LIMIT 1')
    const n = (last?.n ?? 0) + 1
    const taken = await tx.query(
      `UPDATE audit SET sealed_in = $1 WHERE id IN (
         SELECT id FROM audit WHERE sealed_in IS NULL ORDER BY id LIMIT ${batchMax} FOR UPDATE SKIP LOCKED) RETURNING 1`,
      [n],
    )
    if (taken.length === 0) return false
    const batch = await batchOf(tx, n)
    const head = headOf(seal, n, last?.head ?? noHead, batch)
    await tx.query('INSERT INTO audit_seal (n, at, count, head) VALUES ($1, $2, $3, $4)', [
      n,
      clock.now(),
      batch.count,
      head,
    ])
    // Beside the database it stands in the log, so that whoever writes the whole chain anew is found out, too.
    log.info({ batch: n, rows: batch.count, head: head.toString('hex') }, 'audit sealed')
    return true
  })
}

const checkedMax = 500

/**
 * The batches whose rows are not what was sealed: changed, removed, or put in. Looks at the newest, or at those up to a number; `next` is
 * where to go on with older ones, undefined when the first was among them.
 */
export async function brokenSeals(
  { db, seal }: Pick<Parts, 'db' | 'seal'>,
  upTo?: number,
): Promise<{ broken: number[]; next: number | undefined }> {
  const seals = await db.query<{ n: number; head: Buffer }>(
    'SELECT n, head FROM audit_seal WHERE $2::int IS NULL OR n <= $2 ORDER BY n DESC LIMIT $1',
    [checkedMax + 1, upTo ?? null],
  )
  const heads = new Map(seals.map(({ n, head }) => [n, head]))
  const top = upTo ?? seals[0]?.n ?? 0
  const from = Math.max(1, top - checkedMax + 1)
  const broken: number[] = []
  for (let n = from; n <= top; n++) {
    const head = heads.get(n)
    const before = n === 1 ? noHead : heads.get(n - 1)
    if (!head || !before || !head.equals(headOf(seal, n, before, await batchOf(db, n)))) broken.push(n)
  }
  return { broken, next: from > 1 ? from - 1 : undefined }
}
