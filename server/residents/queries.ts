import type { HouseholdView, ResidentRow, ResidentView } from '../contracts/residents.ts'
import type { Parts } from '../platform/parts.ts'
import { allLike, fitOf, searchPatterns } from '../platform/search-text.ts'
import { type FoundResident, householdView, residentRow, residentView } from './view.ts'

export type Search = { q?: string | undefined; areaId?: string | undefined; limit: number; cursor?: string | undefined }
export const inScope = (paths: string[]) => ({ area: { OR: paths.map((path) => ({ path: { startsWith: path } })) } })
export const offsetOf = (cursor: string | undefined): number => Number(cursor ?? 0)
export const pageOf = <T>(rows: T[], limit: number, offset: number): { items: T[]; next: string | null } => ({
  items: rows.slice(0, limit),
  next: rows.length > limit ? String(offset + limit) : null,
})

/** By name, pinyin, initials, number or address; every word must be found. The trigram index answers it. */
export function residentQuery(
  paths: string[],
  { q, areaId, limit, cursor }: Search,
): { text: string; values: unknown[] } {
  const patterns = searchPatterns(q ?? '')
  return {
    text: `SELECT r.id, r.name, r.birth_date AS "birthDate", r.area_id AS "areaId", h.address, h.building, h.entrance, h.room, r.phone, r.risks,
       (SELECT count(*)::int FROM device d WHERE d.resident_id = r.id) AS devices, r.review_due AS "reviewDue", r.active
     FROM resident r JOIN household h ON h.id = r.household_id JOIN area a ON a.id = r.area_id
     WHERE a.path LIKE ANY ($1) AND ${allLike('r.search', patterns, 5)} AND ($2::uuid IS NULL OR a.path LIKE '%/' || $2::text || '/%')
     ORDER BY r.active DESC, ${fitOf('r.search', patterns, 5)}, r.name, r.id LIMIT $3 OFFSET $4`,
    values: [paths.map((path) => `${path}%`), areaId ?? null, limit + 1, offsetOf(cursor), ...patterns],
  }
}

export async function searchResidents(
  { db }: Pick<Parts, 'db'>,
  paths: string[],
  asked: Search,
): Promise<{ items: ResidentRow[]; next: string | null }> {
  const { text, values } = residentQuery(paths, asked)
  const rows = await db.query<FoundResident>(text, values)
  return pageOf(rows.map(residentRow), asked.limit, offsetOf(asked.cursor))
}

/** The ids of one page of a table that has a search column and an area, one more than asked for when there is a next page. */
export async function searchIds(
  { db }: Pick<Parts, 'db'>,
  table: { name: 'household' | 'provider' | 'responder'; order: string },
  paths: string[],
  { q, areaId, providerId, limit, cursor }: Search & { providerId?: string | undefined },
): Promise<string[]> {
  const patterns = searchPatterns(q ?? '')
  const values = [paths.map((path) => `${path}%`), areaId ?? null, limit + 1, offsetOf(cursor), ...patterns]
  const rows = await db.query<{ id: string }>(
    `SELECT t.id FROM ${table.name} t JOIN area a ON a.id = t.area_id
     WHERE a.path LIKE ANY ($1) AND ${allLike('t.search', patterns, 5)} AND ($2::uuid IS NULL OR a.path LIKE '%/' || $2::text || '/%')
       ${providerId ? `AND t.provider_id = $${values.length + 1}` : ''}
     ORDER BY ${table.order}, t.id LIMIT $3 OFFSET $4`,
    providerId ? [...values, providerId] : values,
  )
  return rows.map((row) => row.id)
}

/** Rows in the order of their ids. */
export function inOrder<T extends { id: string }>(ids: string[], rows: T[]): T[] {
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

/** The whole file, for its page and for the screen pop. Whoever shows it writes the audit first. */
export async function loadResidentView(
  { prisma, seal, clock }: Pick<Parts, 'prisma' | 'seal' | 'clock'>,
  id: string,
  paths?: string[],
): Promise<ResidentView | null> {
  const row = await prisma.resident.findFirst({
    where: { id, ...(paths && inScope(paths)) },
    include: {
      contacts: { orderBy: { position: 'asc' } },
      devices: { orderBy: { account: 'asc' } },
      household: { include: { _count: { select: { residents: true } } } },
    },
  })
  return row && residentView(row, seal, clock.now())
}

export async function searchHouseholds(
  parts: Pick<Parts, 'db' | 'prisma'>,
  paths: string[],
  asked: Search,
): Promise<{ items: HouseholdView[]; next: string | null }> {
  const ids = await searchIds(parts, { name: 'household', order: 't.address, t.building' }, paths, asked)
  const rows = await parts.prisma.household.findMany({ where: { id: { in: ids } } })
  // Counted for those that are shown: Prisma's own `_count` groups all residents of the district for each page.
  const counted = await parts.db.query<{ id: string; residents: number }>(
    'SELECT household_id AS id, count(*)::int AS residents FROM resident WHERE household_id = ANY ($1) GROUP BY 1',
    [ids],
  )
  const residentsOf = new Map(counted.map(({ id, residents }) => [id, residents]))
  const views = inOrder(ids, rows).map((row) =>
    householdView({ ...row, _count: { residents: residentsOf.get(row.id) ?? 0 } }),
  )
  return pageOf(views, asked.limit, offsetOf(asked.cursor))
}

export async function loadHousehold({ prisma }: Pick<Parts, 'prisma'>, id: string, paths: string[]) {
  return prisma.household.findFirst({
    where: { id, ...inScope(paths) },
    include: { area: true, _count: { select: { residents: true } } },
  })
}
