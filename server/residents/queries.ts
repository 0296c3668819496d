import type { HouseholdView, ResidentRow, ResidentView } from '../contracts/residents.ts'
import type { Parts } from '../platform/parts.ts'
import { allLike, searchPatterns } from '../platform/search-text.ts'
import { type FoundResident, householdView, residentRow, residentView } from './view.ts'

type Search = { q?: string | undefined; areaId?: string | undefined; limit: number; cursor?: string | undefined }
export const inScope = (paths: string[]) => ({ area: { OR: paths.map((path) => ({ path: { startsWith: path } })) } })
export const offsetOf = (cursor: string | undefined): number =>
  cursor && /^\d{1,6}$/.test(cursor) ? Number(cursor) : 0
export const pageOf = <T>(rows: T[], limit: number, offset: number): { items: T[]; next: string | null } => ({
  items: rows.slice(0, limit),
  next: rows.length > limit ? String(offset + limit) : null,
})

/** By name, pinyin, initials, number or address; every word must be found. The trigram index answers it. */
export async function searchResidents(
  { db }: Parts,
  paths: string[],
  { q, areaId, limit, cursor }: Search,
): Promise<{ items: ResidentRow[]; next: string | null }> {
  const offset = offsetOf(cursor)
  const patterns = searchPatterns(q ?? '')
  const rows = await db.query<FoundResident>(
    `SELECT r.id, r.name, r.birth_date AS "birthDate", r.area_id AS "areaId", h.address, h.building, h.entrance, h.room, r.phone, r.risks,
       (SELECT count(*)::int FROM device d WHERE d.resident_id = r.id) AS devices, r.review_due AS "reviewDue", r.active
     FROM resident r JOIN household h ON h.id = r.household_id JOIN area a ON a.id = r.area_id
     WHERE a.path LIKE ANY ($1) AND ${allLike('r.search', patterns, 5)} AND ($2::uuid IS NULL OR a.path LIKE '%/' || $2::text || '/%')
     ORDER BY r.active DESC, r.name, r.id LIMIT $3 OFFSET $4`,
    [paths.map((path) => `${path}%`), areaId ?? null, limit + 1, offset, ...patterns],
  )
  return pageOf(rows.map(residentRow), limit, offset)
}

/** The whole file, for its page and for the screen pop. Whoever shows it writes the audit first. */
export async function loadResidentView(
  { prisma, seal }: Pick<Parts, 'prisma' | 'seal'>,
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
  return row && residentView(row, seal)
}

export async function searchHouseholds(
  { prisma }: Parts,
  paths: string[],
  { q, areaId, limit, cursor }: Search,
): Promise<{ items: HouseholdView[]; next: string | null }> {
  const offset = offsetOf(cursor)
  const words = (q ?? '').toLowerCase().split(/\s+/).filter(Boolean).slice(0, 6)
  const rows = await prisma.household.findMany({
    where: {
      AND: [
        inScope(paths),
        ...words.map((word) => ({ search: { contains: word } })),
        ...(areaId ? [{ area: { path: { contains: `/${areaId}/` } } }] : []),
      ],
    },
    include: { _count: { select: { residents: true } } },
    orderBy: [{ address: 'asc' }, { building: 'asc' }, { id: 'asc' }],
    skip: offset,
    take: limit + 1,
  })
  return pageOf(rows.map(householdView), limit, offset)
}

export async function loadHousehold({ prisma }: Pick<Parts, 'prisma'>, id: string, paths: string[]) {
  return prisma.household.findFirst({
    where: { id, ...inScope(paths) },
    include: { area: true, _count: { select: { residents: true } } },
  })
}
