import type { Device } from '../../prisma/generated/client.ts'
import type { DeviceView } from '../contracts/devices.ts'
import type { AlarmType } from '../contracts/vocabulary.ts'
import type { Parts } from '../platform/parts.ts'
import { plainPatterns, searchPatterns } from '../platform/search-text.ts'
import { deviceStateAt } from '../residents/device-state.ts'
import { inOrder, inScope, offsetOf, pageOf, type Search } from '../residents/queries.ts'

const iso = (date: Date | null) => date?.toISOString() ?? null

type Found = Device & { resident: { name: string; active: boolean } | null; faults: { type: string; since: Date }[] }

function view({ resident, faults, ...row }: Found, now: Date): DeviceView {
  const { state, testExpiresAt } = deviceStateAt(row, now)
  const {
    keyHash,
    secret: _secret,
    state: _,
    testExpiresAt: __,
    activatedAt,
    firstPressAt,
    lastHeardAt,
    lastGoodTestAt,
    silentSince,
    revokedAt,
    lostToldAt: _told,
    batteryAt: _batteryAt,
    testFrom: _testFrom,
    testTold: _testTold,
    testCallUntil: _asked,
    ownNumber: _number,
    // What a replayed word would have to be above.
    wordNumber: _wordNumber,
    wordAt: _wordAt,
    ...rest
  } = row
  return {
    ...(rest as Pick<
      DeviceView,
      | 'id'
      | 'residentId'
      | 'areaId'
      | 'protocol'
      | 'account'
      | 'kind'
      | 'room'
      | 'battery'
      | 'typeCode'
      | 'gatewayId'
      | 'silence'
      | 'revokedBecause'
      | 'version'
    >),
    state: state as DeviceView['state'],
    residentName: resident?.name ?? null,
    fileClosed: resident?.active === false,
    hasKey: keyHash !== null,
    testExpiresAt: iso(testExpiresAt),
    activatedAt: iso(activatedAt),
    firstPressAt: iso(firstPressAt),
    faults: faults.map(({ type, since }) => ({ type: type as AlarmType, since: since.toISOString() })),
    lastHeardAt: iso(lastHeardAt),
    lastGoodTestAt: iso(lastGoodTestAt),
    silentSince: iso(silentSince),
    revokedAt: iso(revokedAt),
  }
}

const withName = {
  resident: { select: { name: true, active: true } },
  faults: { where: { restoredAt: null }, select: { type: true, since: true }, orderBy: { since: 'asc' } },
} as const

export async function loadDevice(
  { prisma, clock }: Pick<Parts, 'prisma' | 'clock'>,
  id: string,
  paths: string[],
): Promise<DeviceView | null> {
  const row = await prisma.device.findFirst({ where: { id, ...inScope(paths) }, include: withName })
  return row && view(row, clock.now())
}

/** Each word by its account, kind or room, or by whatever its resident is found by. */
export async function searchDevices(
  parts: Parts,
  paths: string[],
  asked: Search & { state?: string | undefined; silence?: string | undefined; toTakeBack?: boolean | undefined },
) {
  const words = searchPatterns(asked.q ?? '')
  const plain = plainPatterns(asked.q ?? '')
  const now = parts.clock.now()
  const offset = offsetOf(asked.cursor)
  const fits = words.map(
    (_, i) =>
      `AND (r.search LIKE $${9 + i} OR lower(d.account || ' ' || d.kind || ' ' || d.room) LIKE $${9 + words.length + i})`,
  )
  const found = await parts.db.query<{ id: string }>(
    `SELECT d.id FROM device d JOIN area a ON a.id = d.area_id LEFT JOIN resident r ON r.id = d.resident_id
     WHERE a.path LIKE ANY ($1) ${fits.join(' ')} AND ($3::uuid IS NULL OR a.path LIKE '%/' || $3::text || '/%')
       AND ($2::text IS NULL OR $2 = CASE WHEN d.state = 'in-test' AND d.test_expires_at <= $6 THEN 'in-service' ELSE d.state END)
       AND ($7::text IS NULL OR d.silence = $7)
       AND ($8::boolean IS NOT TRUE OR (r.active = false AND d.state <> 'registered'))
     ORDER BY d.account, d.id LIMIT $4 OFFSET $5`,
    [
      paths.map((path) => `${path}%`),
      asked.state ?? null,
      asked.areaId ?? null,
      asked.limit + 1,
      offset,
      now,
      asked.silence ?? null,
      asked.toTakeBack ?? null,
      ...words,
      ...plain,
    ],
  )
  const ids = found.map((row) => row.id)
  const rows = await parts.prisma.device.findMany({ where: { id: { in: ids } }, include: withName })
  return pageOf(
    inOrder(ids, rows).map((row) => view(row, now)),
    asked.limit,
    offset,
  )
}
