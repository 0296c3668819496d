import type { FastifyInstance } from 'fastify'
import { v7 } from 'uuid'
import { audit } from '../access/audit.ts'
import { administersDistrict } from '../access/caller.ts'
import { hotlineRoutes as api, type HotlineForm, type HotlineView } from '../contracts/hotlines.ts'
import type { Caller } from '../platform/caller.ts'
import type { Parts } from '../platform/parts.ts'
import { phoneField, toE164 } from '../platform/phone.ts'
import { isRefusal, type Refusal, refuse } from '../platform/refusal.ts'
import { serve } from '../platform/serve.ts'
import { stateAt } from './hours.ts'

const columns = `id, number, name, name_en AS "nameEn", area_id AS "areaId", locale, active, hours, menu,
  overflow_number AS "overflowNumber", overflow_minutes AS "overflowMinutes", version`

type Row = Omit<HotlineView, 'state'>
const view = (row: Row, now: Date): HotlineView => {
  const { open, until } = stateAt(row.hours, now)
  return { ...row, state: { open, until: until?.toISOString() ?? null } }
}

/** Does it stand in the list, however it is written there, or is it the one that is being saved? */
async function isOurs({ db }: Parts, phone: string, own: string): Promise<boolean> {
  const rows = await db.query<{ number: string }>('SELECT number FROM hotline')
  return [own, ...rows.map(({ number }) => number)].some((number) => (toE164(number) ?? number) === phone)
}

/** Numbers are the whole centre's: only who administers the district adds or changes one. */
async function save(
  parts: Parts,
  caller: Caller,
  form: HotlineForm,
  existing?: { id: string; version: number },
): Promise<HotlineView | Refusal> {
  if (!administersDistrict(caller))
    return refuse('forbidden', 'Only an administrator of the district changes the hotline numbers.')
  const { db } = parts
  const [area] = await db.query('SELECT 1 FROM area WHERE id = $1', [form.areaId])
  if (!area) return refuse('invalid', 'Choose an area.', [{ path: 'areaId', message: 'not found' }])
  const [taken] = await db.query<{ id: string }>('SELECT id FROM hotline WHERE number = $1', [form.number])
  if (taken && taken.id !== existing?.id) return refuse('number-taken', 'This number stands in the list already.')
  for (const [n, { catalogueCode }] of form.menu.entries()) {
    const [known] = await db.query('SELECT 1 FROM catalogue_item WHERE code = $1 AND active', [catalogueCode])
    if (!known)
      return refuse('invalid', 'Choose a service that is offered.', [
        { path: `menu.${n}.catalogueCode`, message: 'not found' },
      ])
  }
  const overflow = phoneField(form.overflowNumber, 'overflowNumber')
  if (isRefusal(overflow)) return overflow
  if (overflow.phone && (await isOurs(parts, overflow.phone, form.number)))
    return refuse('invalid', 'This is a number of ours: a call would come round. Write one outside.', [
      { path: 'overflowNumber', message: 'number-of-ours' },
    ])
  const values = [
    form.number,
    form.name,
    form.nameEn,
    form.areaId,
    form.locale,
    form.active,
    JSON.stringify(form.hours),
    overflow.phone,
    form.overflowMinutes,
    JSON.stringify(form.menu),
  ]
  const [row] = existing
    ? await db.query<Row>(
        `UPDATE hotline SET number = $3, name = $4, name_en = $5, area_id = $6, locale = $7, active = $8,
           hours = $9, overflow_number = $10, overflow_minutes = $11, menu = $12, version = version + 1
         WHERE id = $1 AND version = $2 RETURNING ${columns}`,
        [existing.id, existing.version, ...values],
      )
    : await db.query<Row>(
        `INSERT INTO hotline (id, number, name, name_en, area_id, locale, active, hours, overflow_number, overflow_minutes, menu)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (number) DO NOTHING RETURNING ${columns}`,
        [v7(), ...values],
      )
  if (!row) {
    if (!existing) return refuse('number-taken', 'This number stands in the list already.')
    const [there] = await db.query('SELECT 1 FROM hotline WHERE id = $1', [existing.id])
    return there
      ? refuse('stale-version', 'Somebody has changed it meanwhile. Look again and enter your change anew.')
      : refuse('not-found')
  }
  await audit(parts, {
    accountId: caller.id,
    action: existing ? 'change' : 'create',
    subjectKind: 'hotline',
    subjectId: row.id,
  })
  return view(row, parts.clock.now())
}

export function hotlineRoutes(app: FastifyInstance, parts: Parts): void {
  serve(app, api.hotlines, async () => {
    const rows = await parts.db.query<Row>(`SELECT ${columns} FROM hotline ORDER BY number`)
    return { items: rows.map((row) => view(row, parts.clock.now())), next: null }
  })
  serve(app, api.createHotline, ({ caller, body }) => save(parts, caller, body))
  serve(app, api.updateHotline, ({ caller, params, body }) =>
    save(parts, caller, body.form, { id: params.id, version: body.version }),
  )
}
