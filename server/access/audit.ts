import type { Parts } from '../platform/parts.ts'

/** Every look at a personal file leaves a row: who, when, which, why. Written before the file is shown. */
export async function audit(
  { db, clock }: Pick<Parts, 'db' | 'clock'>,
  entry: { accountId: string | null; action: string; subjectKind: string; subjectId: string; reason?: string | null },
): Promise<void> {
  await db.query(
    'INSERT INTO audit (at, account_id, action, subject_kind, subject_id, reason) VALUES ($1, $2, $3, $4, $5, $6)',
    [clock.now(), entry.accountId, entry.action, entry.subjectKind, entry.subjectId, entry.reason ?? null],
  )
}
