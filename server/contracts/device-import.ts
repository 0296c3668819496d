import { z } from 'zod'
import { route } from './route.ts'
import { deviceKinds, protocols } from './vocabulary.ts'

/** A delivery for some streets. More goes in several files, so that one transaction stays short. */
export const importRowsMax = 2_000
const fileBytesMax = 1_000_000
// As JSON, in base64: a third more.
const bodyMaxBytes = 1_500_000

/** The columns of the file, by their heads in Chinese; in any order. The English names are taken as well. */
export const importColumns = {
  account: '设备编号',
  protocol: '协议',
  kind: '类型',
  type: '型号',
  gateway: '网关编号',
  room: '位置',
  area: '社区',
  residentName: '居民姓名',
  residentPhone: '居民电话',
  residentId: '居民档案号',
} as const
export type ImportColumn = keyof typeof importColumns
export const columnsNeeded: ImportColumn[] = ['account', 'protocol', 'kind']

/** What people write instead of the codes: the words of the console. */
export const importWords = {
  protocol: { 网页: 'web' } as Record<string, (typeof protocols)[number]>,
  kind: {
    挂坠: 'pendant',
    床头机: 'bedside',
    拉绳: 'pull-cord',
    一键电话: 'one-key-phone',
    跌倒传感器: 'fall-sensor',
    烟感: 'smoke',
    燃气探测器: 'gas',
    自助终端: 'kiosk',
    网关: 'gateway',
  } as Record<string, (typeof deviceKinds)[number]>,
}

/** What is wrong with a file or with a cell of it; `instead` is what may stand there, where that is a short list or a shape. */
export const importFaults = [
  'not-text',
  'not-csv',
  'no-rows',
  'too-many-rows',
  'missing-column',
  'unknown-column',
  'repeated-column',
  'too-many-cells',
  'required',
  'too-long',
  'cannot-be-kept',
  'not-in-list',
  'wrong-shape',
  'spreadsheet-number',
  'not-a-phone-number',
  'has-extension',
  'repeated',
  'taken',
  'no-such-area',
  'several-areas',
  'area-differs',
  'no-such-resident',
  'several-residents',
  'name-differs',
  'name-needed',
  'no-such-type',
  'no-such-gateway',
] as const
export const importFault = z.object({
  /** As an editor counts them; the head is line 1. 0 is the file as a whole. */
  line: z.number().int(),
  column: z.string(),
  is: z.enum(importFaults),
  instead: z.array(z.string()),
})
export type ImportFault = z.infer<typeof importFault>

export const importReport = z.object({
  rows: z.number().int(),
  /** The first of them; `faultsAll` counts all. */
  faults: z.array(importFault),
  faultsAll: z.number().int(),
})
export type ImportReport = z.infer<typeof importReport>

export const importedDevice = z.object({
  id: z.uuid(),
  account: z.string(),
  protocol: z.enum(protocols),
  kind: z.enum(deviceKinds),
  room: z.string(),
  residentName: z.string(),
  /** Where it reports, as far as we know it. */
  server: z.string(),
  /** Empty where its protocol needs none of the device. */
  key: z.string(),
})
export type ImportedDevice = z.infer<typeof importedDevice>

/** The bytes of the file: which encoding they are in is found out here, since spreadsheets write GB18030 without saying so. */
const body = z.object({ file: z.base64().max(Math.ceil((fileBytesMax * 4) / 3) + 4) })

export const deviceImportRoutes = {
  checkDeviceImport: route({
    method: 'POST',
    path: '/devices/imports/check',
    slow: true,
    permission: 'write-file',
    summary: 'Try a CSV of new devices: what is wrong in which row and column; nothing is changed',
    bodyMaxBytes,
    body,
    reply: importReport,
  }),
  importDevices: route({
    method: 'POST',
    path: '/devices/imports',
    slow: true,
    permission: 'write-file',
    summary: 'Register all devices of a CSV, or none; their keys are shown this once',
    bodyMaxBytes,
    body,
    reply: z.object({ devices: z.array(importedDevice) }),
  }),
}
