import type { AccountView } from '../contracts/access.ts'
import type { Tx } from '../platform/db.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal, type Refusal, refuse } from '../platform/refusal.ts'
import { mayChange, withinReach } from './account-commands.ts'
import { accountView, withRoles } from './account-queries.ts'
import { audit } from './audit.ts'
import type { Caller } from './caller.ts'

type Answer = { role: string; areaId: string; yes: boolean }

/** An account that somebody made, or whose password they could have set, is no second person beside them. */
async function isTheirCreature(tx: Tx, accountId: string, maker: string): Promise<boolean> {
  const rows = await tx.query(
    `SELECT 1 FROM audit WHERE account_id = $2 AND subject_kind = 'account' AND subject_id = $1::text AND action = 'create'
     UNION ALL SELECT 1 FROM password_link WHERE account_id = $1::uuid AND made_by = $2::uuid AND used_at IS NOT NULL LIMIT 1`,
    [accountId, maker],
  )
  return rows.length > 0
}

/** The second person's word: neither who asked nor whose account it is. Two at once: the first one's stands. */
export async function approveRole(
  parts: Parts,
  caller: Caller,
  id: string,
  { role, areaId, yes }: Answer,
): Promise<AccountView | Refusal> {
  const no = await mayChange(parts, caller, id)
  if (no) return no
  if ((await withinReach(parts, caller, [{ role, areaId }])).length === 0) return refuse('not-found')
  const { db, clock } = parts
  const done = await db.transaction(async (tx) => {
    const [asked] = await tx.query<{ by: string }>(
      'SELECT asked_by AS by FROM asked_role WHERE account_id = $1 AND role = $2 AND area_id = $3 FOR UPDATE',
      [id, role, areaId],
    )
    if (!asked) return refuse('not-found', 'Nobody asks for this any more.')
    if (id === caller.id || (yes && asked.by === caller.id))
      return refuse('forbidden', 'Another administrator says yes to this, not who asked for it.')
    if (yes && (await isTheirCreature(tx, caller.id, asked.by)))
      return refuse(
        'forbidden',
        'Whoever asked for this has made your account or your password. Another administrator says yes.',
      )
    await tx.query('DELETE FROM asked_role WHERE account_id = $1 AND role = $2 AND area_id = $3', [id, role, areaId])
    if (yes)
      await tx.query(
        'INSERT INTO account_role (account_id, role, area_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
        [id, role, areaId],
      )
    await tx.query('UPDATE account SET version = version + 1 WHERE id = $1', [id])
    const subject = { subjectKind: 'account', subjectId: id, reason: `${yes ? 'yes' : 'no'} ${role} ${areaId}` }
    await audit({ db: tx, clock }, { accountId: caller.id, action: 'approve-role', ...subject })
    return {}
  })
  if (isRefusal(done)) return done
  parts.realtime.disconnect(`account:${id}`)
  return accountView(await parts.prisma.account.findUniqueOrThrow({ where: { id }, include: withRoles }))
}
