import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvText } from '../../console/lib/csv.ts'
import { importColumns, importRowsMax, importWords } from '../../server/contracts/device-import.ts'
import { asTyped } from '../../server/contracts/text.ts'
import { deviceKinds, protocols } from '../../server/contracts/vocabulary.ts'
import { accountOf } from '../../server/devices/account.ts'
import { type Books, checkImport } from '../../server/devices/import-check.ts'
import { decodeText, readImport } from '../../server/devices/import-read.ts'

// `设备编号,协议,类型,社区` and a row `A1,http,挂坠,听潮社区`, as a Chinese spreadsheet saves it; made with iconv -t GB18030.
const gb18030 = Buffer.from(
  'c9e8b1b8b1e0bac52cd0add2e92cc0e0d0cd2cc9e7c7f80a41312c687474702cb9d2d7b92cccfdb3b1c9e7c7f80a',
  'hex',
)
const utf8 = (text: string) => Buffer.from(text)
const read = (text: string) => readImport(utf8(text))

const ids = { here: '00000000-0000-7000-8000-000000000001', zhou: '00000000-0000-7000-8000-000000000002' }
const books: Books = {
  areas: [
    { id: ids.here, name: '听潮社区', nameEn: 'Tingchao', street: '望澜街道' },
    { id: 'b', name: '同名社区', nameEn: 'Same', street: '甲街道' },
    { id: 'c', name: '同名社区', nameEn: 'Same', street: '乙街道' },
  ],
  residents: [
    { id: ids.zhou, name: '周秀英', phone: '+8613800138000', areaId: ids.here },
    { id: 'r2', name: '李明', phone: '+8613900139000', areaId: ids.here },
    { id: 'r3', name: '李明', phone: '+8613900139000', areaId: ids.here },
  ],
  types: [{ code: 'ip-unit', name: '联网呼叫器', nameEn: 'IP unit' }],
  gateways: [{ id: 'g1', account: 'GW1' }],
  taken: new Set(['http there']),
  toE164: (text) => (/^1\d{10}$/.test(text) ? `+86${text}` : undefined),
}
const head = '设备编号,协议,类型,型号,网关编号,位置,社区,居民姓名,居民电话,居民档案号'
const check = async (...rows: string[]) => checkImport((await read([head, ...rows].join('\n'))).rows, books)
const faults = async (...rows: string[]) =>
  (await check(...rows)).faults.map((one) => [one.line, one.column, one.is, one.instead[0]])

test('a file is read as UTF-8 with or without its mark, and else as GB18030', async () => {
  const rows = [{ line: 2, account: 'A1', kind: '挂坠', area: '听潮社区' }]
  const same = async (bytes: Buffer) =>
    (await readImport(bytes)).rows.map(({ line, cells }) => ({
      ...{ line, account: cells.account, kind: cells.kind, area: cells.area },
    }))
  expect(await same(gb18030)).toEqual(rows)
  const text = decodeText(gb18030) as string
  expect(await same(utf8(text))).toEqual(rows)
  expect(await same(utf8(`\ufeff${text}`))).toEqual(rows)
  expect(await same(utf8(text.replaceAll('\n', '\r\n')))).toEqual(rows)
})

test('a cell may hold commas, quotes and line breaks when it is quoted, and the line is that of the editor', async () => {
  const { rows } = await read('account,protocol,kind,room\nA1,http,pendant,"床,""左""\n靠窗"\n\nA2,http,pendant,\n')
  expect(rows.map(({ line, cells }) => [line, cells.account, cells.room])).toEqual([
    [2, 'A1', '床,"左"\n靠窗'],
    [5, 'A2', ''],
  ])
})

test('a file that cannot be taken as a whole is told what it lacks', async () => {
  const is = async (bytes: Uint8Array) => (await readImport(bytes)).faults.map((one) => [one.line, one.column, one.is])
  expect(await is(Buffer.from([0xff, 0xfe, 0x41, 0x00]))).toEqual([[0, '', 'not-text']])
  expect(await is(utf8('account\0'))).toEqual([[0, '', 'not-text']])
  expect(await is(utf8('account,protocol,kind\n"A1,http,pendant'))).toMatchObject([[expect.any(Number), '', 'not-csv']])
  expect(await is(utf8(head))).toEqual([[0, '', 'no-rows']])
  expect(await is(utf8(''))).toEqual([[0, '', 'no-rows']])
  expect(await is(utf8('account,protocol,颜色\nA1,http,红'))).toEqual([
    [1, '颜色', 'unknown-column'],
    [1, '类型', 'missing-column'],
  ])
  expect(await is(utf8('account,设备编号,protocol,kind\nA,B,http,pendant'))).toEqual([
    [1, '设备编号', 'repeated-column'],
  ])
  expect(await is(utf8('account,protocol,kind\nA1,http,pendant,床,左'))).toEqual([[2, '', 'too-many-cells']])
  const rows = (n: number) =>
    utf8(`account,protocol,kind\n${Array.from({ length: n }, (_, i) => `A${i},http,pendant`).join('\n')}`)
  expect((await readImport(rows(importRowsMax))).rows).toHaveLength(importRowsMax)
  expect(await is(rows(importRowsMax + 1))).toEqual([[0, '', 'too-many-rows']])
})

test('each cell that cannot be is named by line and column, with what may stand there', async () => {
  expect(await faults(',http,挂坠,,,,听潮社区,,,')).toEqual([[2, '设备编号', 'required', undefined]])
  expect(await faults('A1,fax,挂坠,,,,听潮社区,,,')).toEqual([[2, '协议', 'not-in-list', 'http']])
  expect(await faults('A1,http,电话,,,,听潮社区,,,')).toEqual([[2, '类型', 'not-in-list', '挂坠']])
  expect(await faults('xyz,dc09,挂坠,,,,听潮社区,,,')).toEqual([[2, '设备编号', 'wrong-shape', '1234ABCD']])
  expect(await faults('1.38E+15,scaip,挂坠,,,,听潮社区,,,')).toEqual([[2, '设备编号', 'spreadsheet-number', undefined]])
  expect(await faults('there,http,挂坠,,,,听潮社区,,,')).toEqual([[2, '设备编号', 'taken', undefined]])
  expect(await faults('A1,http,挂坠,no,,,听潮社区,,,')).toEqual([[2, '型号', 'no-such-type', 'ip-unit']])
  expect(await faults('A1,http,挂坠,,GW9,,听潮社区,,,')).toEqual([[2, '网关编号', 'no-such-gateway', undefined]])
  expect(await faults('A1,http,挂坠,,,,别处,,,')).toEqual([[2, '社区', 'no-such-area', '听潮社区']])
  expect(await faults('A1,http,挂坠,,,,同名社区,,,')).toEqual([[2, '社区', 'several-areas', '甲街道/同名社区']])
  expect(await faults('A1,http,挂坠,,,,,,,')).toEqual([[2, '社区', 'required', undefined]])
  expect(await faults(`A1,http,挂坠,,,${'长'.repeat(41)},听潮社区,,,`)).toEqual([[2, '位置', 'too-long', '40']])
  expect(
    await faults('A1,http,挂坠,,,,听潮社区,,,', 'B,http,挂坠,,,,听潮社区,,,', 'A1,http,拉绳,,,,听潮社区,,,'),
  ).toEqual([[4, '设备编号', 'repeated', '2']])
})

test('a resident is found by telephone and name, or by the number of the file and name, and never by a name alone', async () => {
  const one = (row: string) => check(`A1,http,挂坠,,,,${row}`)
  expect((await one(',周秀英,13800138000,')).devices).toMatchObject([{ residentId: ids.zhou, areaId: ids.here }])
  expect((await one(`,周秀英,,${ids.zhou}`)).devices).toMatchObject([{ residentId: ids.zhou }])
  const wrong = async (row: string) => (await one(row)).faults.map((fault) => [fault.column, fault.is])
  expect(await wrong(',周秀英,,')).toContainEqual(['居民电话', 'required'])
  expect(await wrong(',,13800138000,')).toContainEqual(['居民姓名', 'name-needed'])
  expect(await wrong(',周秀兰,13800138000,')).toContainEqual(['居民姓名', 'name-differs'])
  expect(await wrong(',周秀英,13800138001,')).toContainEqual(['居民电话', 'no-such-resident'])
  expect(await wrong(',周秀英,1.38E+10,')).toContainEqual(['居民电话', 'spreadsheet-number'])
  expect(await wrong(',周秀英,138,')).toContainEqual(['居民电话', 'not-a-phone-number'])
  expect(await wrong(',李明,13900139000,')).toContainEqual(['居民档案号', 'several-residents'])
  expect(await wrong('甲街道/同名社区,周秀英,13800138000,')).toEqual([['社区', 'area-differs']])
})

test('a protocol is known by its code, by the word of the console and as it stands on a box', async () => {
  for (const [text, code] of [
    ['DC-09', 'dc09'],
    ['LoRaWAN', 'lorawan'],
    ['Contact ID（电话线）', 'contact-id'],
    ['网页', 'web'],
  ]) {
    const account = code === 'lorawan' ? '24e124535b316056' : '1234'
    expect((await check(`${account},${text},挂坠,,,,听潮社区,,,`)).devices[0]?.protocol).toBe(code)
  }
})

test('a gateway may stand in the same file as what reports through it, in any order', async () => {
  const { devices, faults: none } = await check(
    'a1b2,dc09,挂坠,ip-unit,NEW,卧室,听潮社区,,,',
    'NEW,mqtt,网关,,,,听潮社区,,,',
    'B,http,拉绳,联网呼叫器,GW1,,听潮社区,,,',
  )
  expect(none).toEqual([])
  expect(devices.map((one) => [one.account, one.gateway, one.gatewayId, one.typeCode])).toEqual([
    ['A1B2', 'NEW', null, 'ip-unit'],
    ['NEW', null, null, null],
    ['B', null, 'g1', 'ip-unit'],
  ])
})

test('the words that stand for the codes are those of the console, for every kind and protocol', async () => {
  const words = JSON.parse(readFileSync(join(import.meta.dirname, '../../console/locales/zh-CN/words.json'), 'utf8'))
  expect(importWords.kind).toEqual(Object.fromEntries(deviceKinds.map((one) => [words.device[one], one])))
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '')
  const other = protocols.filter((one) => plain(words.protocol[one]) !== plain(one))
  expect(importWords.protocol).toEqual(Object.fromEntries(other.map((one) => [words.protocol[one], one])))
})

test('whatever bytes come, there is an answer: rows or a fault', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
      const { rows, faults: found } = await readImport(bytes)
      expect(rows.length + found.length).toBeGreaterThan(0)
    }),
    { numRuns: 2_000 },
  )
})

test('what the console writes is read back as it was meant; a cell that a spreadsheet would compute is a text', async () => {
  const cell = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\0\ufeff\p{Surrogate}]/gu, '').trim())
  await fc.assert(
    fc.asyncProperty(fc.array(cell, { minLength: 1 }), async (rooms) => {
      const rows = rooms.map((room, i) => [`A${i}`, 'http', 'pendant', room])
      const { rows: back } = await readImport(utf8(csvText([['account', 'protocol', 'kind', 'room'], ...rows])))
      expect(back.map(({ cells }) => cells.room)).toEqual(
        rooms.map((room) => asTyped(/^[=+\-@]/.test(room) ? `'${room}` : room)),
      )
    }),
  )
  expect(csvText([['=1+1', '-x']])).toBe(`\ufeff"'=1+1","'-x"\r\n`)
})

test('the template has every column', async () => {
  expect(head.split(',').sort()).toEqual(Object.values(importColumns).sort())
})

test('an account that its protocol cannot carry is refused, and one that was pasted is the one that the device says', async () => {
  expect(accountOf('mqtt', '\u202DBT1\u202C')).toEqual({ account: 'BT1' })
  expect(accountOf('mqtt', "'00123")).toEqual({ account: '00123' })
  expect(accountOf('mqtt', '１２３')).toEqual({ account: '123' })
  for (const text of ['a/b', 'a+', '#', 'two words']) expect(accountOf('mqtt', text)).toEqual({ wrong: 'BT-0001' })
  expect(accountOf('dc09', '12xy')).toEqual({ wrong: '1234ABCD' })
})

test('a book of a million commas is refused at once, and while a long file is read others have their turn', async () => {
  const commas = await readImport(utf8(','.repeat(1_000_000)))
  expect(commas.faults.map((one) => one.is)).toEqual(['not-csv'])
  const long = utf8(
    `account,protocol,kind,room\n${Array.from({ length: importRowsMax }, (_, i) => `A${i},http,pendant,${'床'.repeat(150)}`).join('\n')}`,
  )
  let turns = 0
  const counting = setInterval(() => turns++, 0)
  await readImport(long)
  clearInterval(counting)
  expect(turns).toBeGreaterThan(3)
})
