import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { missingOf } from '../../console/incidents/class-of.ts'
import { inWords, linesOf, oursOf, placeOf, tidy } from '../../console/incidents/told.ts'
import { phoneText } from '../../console/lib/phone-text.ts'
import { ourWords, ownWords } from '../../server/contracts/alarms.ts'
import type { FactView } from '../../server/contracts/incidents.ts'

const fact = (seq: number, type: string, data: FactView['data'] = {}): FactView => ({
  seq,
  type,
  at: '2026-11-24T10:00:00Z',
  actor: 'system',
  actorName: null,
  data,
  hash: '',
})
const said = (seq: number, catalogueCode: string, answers: Record<string, string>, of = 2) =>
  fact(seq, 'classified', { catalogueCode, class: of, answers })
const told = (...facts: FactView[]) =>
  linesOf(facts).map((line) => (line.says === 'answer' ? `${line.question}:${line.answer}` : line.says))

test('the choice of the service is one row, and each new answer is one', () => {
  expect(
    told(
      fact(1, 'opened'),
      said(2, 'fall', {}),
      said(3, 'fall', { hurt: 'no' }),
      said(4, 'fall', { hurt: 'no', alone: 'yes' }),
      said(5, 'fall', { hurt: 'yes', alone: 'yes' }, 1),
    ),
  ).toEqual(['fact', 'fact', 'hurt:no', 'alone:yes', 'hurt:yes', 'class'])
})
test('another service begins anew', () => {
  expect(told(said(1, 'fall', { hurt: 'no' }), said(2, 'repair', {}), said(3, 'fall', {}))).toEqual([
    'fact',
    'hurt:no',
    'fact',
    'fact',
  ])
})
test('brackets in which nothing stands are left out', () => {
  expect(['顾子涵 已撤回（）', '拒绝：', 'Handed back ( )', '结案：误按（操作员）'].map(tidy)).toEqual([
    '顾子涵 已撤回',
    '拒绝',
    'Handed back',
    '结案：误按（操作员）',
  ])
})
test('every fact has its words', () => {
  const root = join(import.meta.dirname, '../..')
  const model = readFileSync(join(root, 'server/incidents/model.ts'), 'utf8')
  const types = [
    ...model.slice(model.indexOf('export type Fact ')).matchAll(/type:((?:\s*\|?\s*'[a-z-]+')+)/g),
  ].flatMap(([, list]) => [...(list as string).matchAll(/'([a-z-]+)'/g)].map(([, type]) => type as string))
  expect(types.length).toBeGreaterThan(25)
  for (const locale of ['zh-CN', 'en']) {
    const words = JSON.parse(readFileSync(join(root, `console/locales/${locale}/timeline.json`), 'utf8')) as object
    expect(types.filter((type) => !(type in words))).toEqual([])
  }
})

test('a number is shown in groups that can be read aloud', () => {
  const landlines = ['+8657187654321', '+861087654321', '+862087654321', '+8645187654321', '+865718765432']
  expect(landlines.map(phoneText)).toEqual([
    '0571 8765 4321',
    '010 8765 4321',
    '020 8765 4321',
    '0451 8765 4321',
    '0571 876 5432',
  ])
  expect(['+8619900071271', '+864008101234'].map(phoneText)).toEqual(['199 0007 1271', '400 810 1234'])
  for (const asItIs of ['+85221234567', '120', '', '199']) expect(phoneText(asItIs)).toBe(asItIs)
})

test('ending an incident is asked about when something speaks against it', () => {
  const fine = { class: 2, classified: true, sent: false, advice: [] }
  expect(missingOf(fine)).toEqual([])
  expect(missingOf({ ...fine, classified: false })).toEqual(['unclassified'])
  expect(missingOf({ ...fine, class: 1 })).toEqual(['nobody-sent'])
  expect(missingOf({ ...fine, class: 1, sent: true, advice: ['120'] })).toEqual(['advised'])
})

test('the place that a unit names is said in words; a code without a word stays as it came', () => {
  const pressed = 'SCAIP mty ME dty 0003 stc 0010 lco 011 did 00A1'
  const words = (code: string) => ({ '011': '卫生间' })[code]
  expect(placeOf(pressed)).toBe('011')
  expect(inWords(pressed, words)).toBe('卫生间 · SCAIP mty ME dty 0003 stc 0010 did 00A1')
  for (const asItIs of [pressed.replace('011', '099'), 'SCAIP snu 7', '1101 01 015', 'a lco 011', ''])
    expect(inWords(asItIs, words)).toBe(asItIs)
})

test('every place of the protocol has a word in both languages', () => {
  for (const locale of ['zh-CN', 'en']) {
    const file = join(import.meta.dirname, `../../console/locales/${locale}/words.json`)
    const { place } = JSON.parse(readFileSync(file, 'utf8')) as { place: Record<string, string> }
    expect(Object.keys(place)).toEqual(Array.from({ length: 51 }, (_, i) => String(i + 2).padStart(3, '0')))
    expect(Object.values(place).every((word) => word.length > 0)).toBe(true)
  }
})

test('what we said of a device ourselves is a code with its numbers, each in words on both pages; a device’s words are not', () => {
  expect(oursOf(ourWords('heard-again-of', 3, 8))).toEqual({ code: 'heard-again-of', a: '3', b: '8' })
  expect(oursOf(ourWords('no-heartbeat'))).toEqual({ code: 'no-heartbeat' })
  for (const said of ['sos #41 73 %', 'ADM-CID 1101 01 015', 'yihu: <b>', '']) expect(oursOf(said)).toBeUndefined()
  for (const locale of ['en', 'zh-CN']) {
    const file = join(import.meta.dirname, `../../console/locales/${locale}/words.json`)
    const { ours } = JSON.parse(readFileSync(file, 'utf8')) as { ours: Record<string, string> }
    expect(Object.keys(ours).sort()).toEqual([...ownWords].sort())
  }
})
