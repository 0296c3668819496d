import type { Device } from '../../prisma/generated/client.ts'
import type { DeviceView } from '../contracts/devices.ts'
import type { Parts } from '../platform/parts.ts'
import { allLike, searchPatterns } from '../platform/search-text.ts'
import { inScope, offsetOf, pageOf } from '../residents/queries.ts'

const iso = (date: Date | null) => date?.toISOString() ?? null

function view({ resident, ...row }: Device & { resident: { name: string } | null }): DeviceView {
  const { keyHash, testExpiresAt, activatedAt, lastHeardAt, lastGoodTestAt, ...rest } = row
  return {
    ...(rest as Pick<
      DeviceView,
      'id' | 'residentId' | 'areaId' | 'protocol' | 'account' | 'kind' | 'room' | 'state' | 'battery' | 'version'
    >),
    residentName: resident?.name ?? null,
    hasKey: keyHash !== null,
    testExpiresAt: iso(testExpiresAt),
    activatedAt: iso(activatedAt),
    lastHeardAt: iso(lastHeardAt),
    lastGoodTestAt: iso(lastGoodTestAt),
  }
}

const withName = { resident: { select: { name: true } } } as const

export async function loadDevice(
  { prisma }: Pick<Parts, 'prisma'>,
  id: string,
  paths: string[],
): Promise<DeviceView | null> {
  const row = await prisma.device.findFirst({ where: { id, ...inScope(paths) }, include: withName })
  return row && view(row)
}

/** By its account, or by whatever its resident is found by. */
export async function searchDevices(
  parts: Parts,
  paths: string[],
  asked: {
    q?: string | undefined
    areaId?: string | undefined
    state?: string | undefined
    limit: number
    cursor?: string | undefined
  },
) {
  const offset = offsetOf(asked.cursor)
  const patterns = searchPatterns(asked.q ?? '')
  const found = await parts.db.query<{ id: string }>(
    `SELECT d.id FROM device d JOIN area a ON a.id = d.area_id LEFT JOIN resident r ON r.id = d.resident_id
     WHERE a.path LIKE ANY ($1) AND ((${allLike('r.search', patterns, 6)}) OR (${allLike("lower(d.account || ' ' || d.kind)", patterns, 6)}))
       AND ($2::text IS NULL OR d.state = $2) AND ($3::uuid IS NULL OR a.path LIKE '%/' || $3::text || '/%')
     ORDER BY d.account, d.id LIMIT $4 OFFSET $5`,
    [paths.map((path) => `${path}%`), asked.state ?? null, asked.areaId ?? null, asked.limit + 1, offset, ...patterns],
  )
  const rows = await parts.prisma.device.findMany({
    where: { id: { in: found.map((row) => row.id) } },
    include: withName,
  })
  const byId = new Map(rows.map((row) => [row.id, view(row)]))
  return pageOf(
    found.flatMap((row) => byId.get(row.id) ?? []),
    asked.limit,
    offset,
  )
}
