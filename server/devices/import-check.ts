import { type ImportColumn, type ImportFault, importColumns, importWords } from '../contracts/device-import.ts'
import { type DeviceForm, deviceForm } from '../contracts/devices.ts'
import { partExtension } from '../contracts/phone-extension.ts'
import { asCode } from '../contracts/text.ts'
import { deviceKinds, type Protocol, protocols } from '../contracts/vocabulary.ts'
import { accountOf } from './account.ts'
import type { ImportRow } from './import-read.ts'

/** What of the books the rows are held against: all of it lies where whoever imports may write. */
export type Books = {
  areas: { id: string; name: string; nameEn: string; street: string }[]
  residents: { id: string; name: string; phone: string | null; areaId: string }[]
  types: { code: string; name: string; nameEn: string }[]
  gateways: { id: string; account: string }[]
  /** `protocol account` of every device that there is. */
  taken: ReadonlySet<string>
  toE164(text: string): string | undefined
}

/** A device to be registered. `gateway` names one of the same file. */
export type Checked = Pick<
  DeviceForm,
  'account' | 'protocol' | 'kind' | 'room' | 'areaId' | 'residentId' | 'typeCode' | 'gatewayId'
> & { gateway: string | null; residentName: string }
type Wrong = { wrong: ImportFault['is']; column: ImportColumn; instead?: string[] }

// What a spreadsheet makes of a long number.
const spreadsheetNumber = /^\d(?:\.\d+)?E\+?\d+$/i
const shape = deviceForm.shape

export const takenName = (one: { protocol: string; account: string }): string => `${one.protocol} ${one.account}`

/** Each row as a device, or what is wrong with it, in which column, and what to write instead. Pure. */
export function checkImport(rows: ImportRow[], books: Books): { devices: Checked[]; faults: ImportFault[] } {
  const devices: Checked[] = []
  const faults: ImportFault[] = []
  const gatewaysHere = new Set(
    rows.filter(({ cells }) => wordOf('kind', cells.kind) === 'gateway').map((r) => r.cells.account),
  )
  const seen = new Map<string, number>()
  for (const { line, cells } of rows) {
    const found = checkRow(cells, books, gatewaysHere)
    const wrong = found.wrong.map(({ wrong: is, column, instead = [] }) => ({
      line,
      column: importColumns[column],
      is,
      instead,
    }))
    const name = found.device && takenName(found.device)
    const before = name === undefined ? undefined : seen.get(name)
    if (before !== undefined)
      wrong.push({ line, column: importColumns.account, is: 'repeated', instead: [String(before)] })
    if (name !== undefined && before === undefined) seen.set(name, line)
    if (wrong.length === 0 && found.device) devices.push(found.device)
    faults.push(...wrong)
  }
  return { devices, faults }
}

/** `DC-09`, `dc09`, `Contact ID（…）`: as it stands in a list of the console or on a box. */
const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '')

function wordOf<C extends 'protocol' | 'kind'>(column: C, text: string) {
  const list: readonly string[] = column === 'protocol' ? protocols : deviceKinds
  const code = list.find((one) => plain(one) === plain(text))
  return (code ?? importWords[column][text]) as Checked[C] | undefined
}

function checkRow(cells: ImportRow['cells'], books: Books, gatewaysHere: ReadonlySet<string>) {
  const wrong: Wrong[] = []
  const no = (column: ImportColumn, is: Wrong['wrong'], instead: string[] = []) =>
    void wrong.push({ wrong: is, column, instead })
  const protocol = wordOf('protocol', cells.protocol)
  if (!protocol) no('protocol', cells.protocol ? 'not-in-list' : 'required', [...protocols])
  const kind = wordOf('kind', cells.kind)
  if (!kind) no('kind', cells.kind ? 'not-in-list' : 'required', Object.keys(importWords.kind))
  const account = checkAccount(cells.account, protocol, no)
  if (!shape.room.safeParse(cells.room).success) no('room', 'too-long', ['40'])
  const type = cells.type ? books.types.find((one) => Object.values(one).includes(cells.type)) : undefined
  if (cells.type && !type) no('type', 'no-such-type', books.types.map((one) => one.code).slice(0, 12))
  const gateway = cells.gateway ? books.gateways.find((one) => one.account === cells.gateway) : undefined
  if (cells.gateway && !gateway && !gatewaysHere.has(cells.gateway)) no('gateway', 'no-such-gateway')
  const resident = checkResident(cells, books, no)
  // Whoever is named and not found would have told it: what is wrong is said once.
  const named = cells.residentId || cells.residentPhone || cells.residentName
  const area = !resident && named && cells.area === '' ? undefined : checkArea(cells.area, resident, books, no)
  if (protocol && account && books.taken.has(takenName({ protocol, account }))) no('account', 'taken')
  const whole = protocol && kind && account && area
  if (!whole) return { wrong, device: undefined }
  const device: Checked = {
    account,
    protocol,
    kind,
    room: cells.room,
    areaId: area,
    residentId: resident?.id ?? null,
    residentName: resident?.name ?? '',
    typeCode: type?.code ?? null,
    gatewayId: gateway?.id ?? null,
    gateway: cells.gateway && !gateway ? cells.gateway : null,
  }
  return { wrong, device }
}

type No = (column: ImportColumn, is: Wrong['wrong'], instead?: string[]) => void

function checkAccount(text: string, protocol: Protocol | undefined, no: No): string | undefined {
  if (text === '') return void no('account', 'required')
  if (spreadsheetNumber.test(text)) return void no('account', 'spreadsheet-number')
  if (!shape.account.safeParse(text).success) return void no('account', 'too-long', ['60'])
  if (!protocol) return asCode(text)
  const kept = accountOf(protocol, text)
  return 'wrong' in kept ? void no('account', 'wrong-shape', [kept.wrong]) : kept.account
}

/** By their telephone and name, or by the number of their file and name: a name alone has belonged to two before. */
function checkResident({ residentId, residentName, residentPhone }: ImportRow['cells'], books: Books, no: No) {
  if (!residentId && !residentPhone)
    return residentName ? void no('residentPhone', 'required', [importColumns.residentId]) : undefined
  if (!residentName) return void no('residentName', 'name-needed')
  if (spreadsheetNumber.test(residentPhone)) return void no('residentPhone', 'spreadsheet-number')
  const phone = residentPhone ? books.toE164(residentPhone) : undefined
  const { extension } = partExtension(residentPhone, (text) => books.toE164(text) !== undefined)
  if (extension) return void no('residentPhone', 'has-extension', [residentPhone.slice(0, -extension.length).trim()])
  if (residentPhone && !phone) return void no('residentPhone', 'not-a-phone-number', ['13800138000', '0571-87654321'])
  const named = residentId ? 'residentId' : 'residentPhone'
  const there = books.residents.filter(
    (one) => (!residentId || one.id === residentId.toLowerCase()) && (!phone || one.phone === phone),
  )
  if (there.length === 0) return void no(named, 'no-such-resident')
  const found = there.filter((one) => one.name === residentName)
  if (found.length === 0) return void no('residentName', 'name-differs')
  return found.length > 1 ? void no('residentId', 'several-residents') : found[0]
}

/** A device lies where its resident lives; the community is asked for when it is nobody's. */
function checkArea(text: string, resident: { areaId: string } | undefined, { areas }: Books, no: No) {
  if (text === '' && resident) return resident.areaId
  if (text === '') return void no('area', 'required')
  const found = areas.filter((one) => [one.name, one.nameEn, `${one.street}/${one.name}`].includes(text))
  if (found.length === 0)
    return void no(
      'area',
      'no-such-area',
      areas.slice(0, 12).map((one) => one.name),
    )
  const [one] = found
  if (found.length > 1 || !one)
    return void no(
      'area',
      'several-areas',
      found.map((each) => `${each.street}/${each.name}`),
    )
  return resident && resident.areaId !== one.id ? void no('area', 'area-differs') : one.id
}
