import { v7 } from 'uuid'
import type { ImportColumn, ImportedDevice, ImportReport } from '../contracts/device-import.ts'
import { type AuditAction, keylessProtocols } from '../contracts/vocabulary.ts'
import type { Caller } from '../platform/caller.ts'
import type { Tx } from '../platform/db.ts'
import type { Parts } from '../platform/parts.ts'
import { toE164 } from '../platform/phone.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'
import { type Books, type Checked, checkImport, takenName } from './import-check.ts'
import { type ImportRow, readImport } from './import-read.ts'
import { makeKey } from './new-key.ts'
import { reportsAt } from './reports-at.ts'

// Nobody mends more at once; the next try shows the rest.
const faultsShown = 200
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** What a file of new devices would do; nothing is changed. */
export async function tryImport(parts: Parts, caller: Caller, file: string): Promise<ImportReport> {
  const { faults, rows } = await look(parts, caller, file)
  return { rows, faults: faults.slice(0, faultsShown), faultsAll: faults.length }
}

/**
 * All devices of the file in one transaction, or none. Their keys go to whoever imports, this once; kept is of them only what is
 * kept of any key.
 */
export async function importDevices(
  parts: Parts,
  caller: Caller,
  file: string,
): Promise<{ devices: ImportedDevice[] } | Refusal> {
  const { devices, faults } = await look(parts, caller, file)
  const [first] = faults
  if (first)
    return refuse(
      'import-has-faults',
      'The file has faults. Try it first, mend what is named, and import it then.',
      faults.slice(0, 20).map((one) => ({ path: `${one.line}.${one.column}`, message: one.is })),
    )
  const made = devices.map((device) => {
    const { key, kept } = keylessProtocols.includes(device.protocol)
      ? { key: '', kept: null }
      : makeKey(parts, device.protocol)
    return { ...device, id: v7(), key, kept }
  })
  try {
    await parts.db.transaction((tx) => store(tx, parts, caller, made))
  } catch (error) {
    if ((error as { code?: string }).code === '23505')
      return refuse('account-taken', 'Somebody has just registered one of these devices. Try the file again.')
    throw error
  }
  return {
    devices: made.map(({ id, account, protocol, kind, room, residentName, key }) => ({
      ...{ id, account, protocol, kind, room, residentName, key },
      server: reportsAt(parts.env, protocol),
    })),
  }
}

type Made = Checked & { id: string; kept: ReturnType<typeof makeKey>['kept'] | null }

async function store(tx: Tx, { clock }: Pick<Parts, 'clock'>, caller: Caller, made: Made[]): Promise<void> {
  const gateways = new Map(made.filter((one) => one.kind === 'gateway').map((one) => [one.account, one.id]))
  // As it stands in the file, or as its protocol writes accounts.
  const gatewayHere = (cell: string | null) =>
    cell === null
      ? undefined
      : [cell, cell.toUpperCase(), cell.toLowerCase()].map((one) => gateways.get(one)).find(Boolean)
  const column = <T>(of: (one: Made) => T) => made.map(of)
  await tx.query(
    `INSERT INTO device (id, protocol, account, kind, room, area_id, resident_id, type_code, gateway_id, key_hash, secret)
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::uuid[], $8::text[], $9::uuid[], $10::bytea[], $11::bytea[])`,
    [
      column((one) => one.id),
      column((one) => one.protocol),
      column((one) => one.account),
      column((one) => one.kind),
      column((one) => one.room),
      column((one) => one.areaId),
      column((one) => one.residentId),
      column((one) => one.typeCode),
      column((one) => one.gatewayId ?? gatewayHere(one.gateway) ?? null),
      column((one) => one.kept && Buffer.from(one.kept.keyHash)),
      column((one) => one.kept?.secret && Buffer.from(one.kept.secret)),
    ],
  )
  const said = async (action: AuditAction, ids: string[]) => {
    await tx.query(
      `INSERT INTO audit (at, account_id, action, subject_kind, subject_id, reason)
       SELECT $1, $2, $3, 'device', id, $5 FROM unnest($4::text[]) id`,
      [clock.now(), caller.id, action, ids, `import of ${made.length}`],
    )
  }
  await said(
    'create',
    made.map((one) => one.id),
  )
  await said(
    'issue-key',
    made.filter((one) => one.kept).map((one) => one.id),
  )
}

async function look(parts: Parts, caller: Caller, file: string) {
  const read = await readImport(Buffer.from(file, 'base64'))
  const checked = checkImport(read.rows, await booksFor(parts, caller, read.rows))
  const faults = [...read.faults, ...checked.faults].sort((a, b) => a.line - b.line)
  return { devices: checked.devices, faults, rows: read.rows.length }
}

/** What the rows name, as far as it lies where the caller may write. */
async function booksFor({ db, prisma }: Parts, caller: Caller, rows: ImportRow[]): Promise<Books> {
  const paths = caller.pathsFor('write-file').map((path) => `${path}%`)
  const all = (column: ImportColumn) => [...new Set(rows.map(({ cells }) => cells[column]).filter(Boolean))]
  const phones = all('residentPhone').flatMap((text) => toE164(text) ?? [])
  const ids = all('residentId')
    .map((id) => id.toLowerCase())
    .filter((id) => uuid.test(id))
  const [areas, residents, types, gateways, taken] = await Promise.all([
    db.query<Books['areas'][number]>(
      `SELECT a.id, a.name, a.name_en AS "nameEn", coalesce(p.name, '') AS street FROM area a LEFT JOIN area p ON p.id = a.parent_id
       WHERE a.level = 'community' AND a.path LIKE ANY ($1) ORDER BY a.path`,
      [paths],
    ),
    db.query<Books['residents'][number]>(
      `SELECT r.id, r.name, r.phone, r.area_id AS "areaId" FROM resident r JOIN area a ON a.id = r.area_id
       WHERE r.active AND a.path LIKE ANY ($1) AND (r.phone = ANY ($2) OR r.id = ANY ($3::uuid[]))`,
      [paths, phones, ids],
    ),
    prisma.deviceType.findMany({ orderBy: { code: 'asc' }, select: { code: true, name: true, nameEn: true } }),
    db.query<Books['gateways'][number]>(
      `SELECT d.id, d.account FROM device d JOIN area a ON a.id = d.area_id
       WHERE d.kind = 'gateway' AND a.path LIKE ANY ($1) AND d.account = ANY ($2)`,
      [paths, all('gateway')],
    ),
    db.query<{ protocol: string; account: string }>(`SELECT protocol, account FROM device WHERE account = ANY ($1)`, [
      all('account').flatMap((one) => [one, one.toUpperCase(), one.toLowerCase()]),
    ]),
  ])
  return { areas, residents, types, gateways, taken: new Set(taken.map(takenName)), toE164 }
}
