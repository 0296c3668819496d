import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { IncidentRow } from '../../server/contracts/incidents.ts'
import type { OfferView } from '../../server/contracts/queue.ts'

const root = join(import.meta.dirname, '../../console')
const files = (ending: string) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(ending))
const read = (name: string) => readFileSync(join(root, name), 'utf8')

const keysOf = (tree: object, path = ''): string[] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'object' ? keysOf(value as object, `${path}${key}.`) : [`${path}${key}`],
  )
const wordsOf = (locale: string) =>
  files('.json')
    .filter((name) => name.startsWith(`locales/${locale}/`))
    .flatMap((name) => keysOf(JSON.parse(read(name)) as object, `${name.replace(/^.*\/(.+)\.json$/, '$1')}.`))

describe('words', () => {
  const zh = wordsOf('zh-CN')
  test('both languages hold the same keys', () => {
    expect(zh.length).toBeGreaterThan(400)
    expect([...wordsOf('en')].sort()).toEqual([...zh].sort())
  })
  test('every key that a page asks for is there', () => {
    const asked = [...files('.tsx'), ...files('.ts')].flatMap((name) =>
      [...read(name).matchAll(/\bt\('([^'$]+)'/g)].map(([, key]) => [name, key as string]),
    )
    expect(asked.length).toBeGreaterThan(150)
    expect(asked.filter(([, key]) => !zh.includes(key as string))).toEqual([])
  })
  test('every word of the closed lists has its translation', async () => {
    const lists = await import('../../server/contracts/vocabulary.ts')
    const expected: [string, readonly string[]][] = [
      ['kind', lists.alarmTypes],
      ['disposition', lists.dispositions],
      ['language', lists.languages],
      ['risk', lists.risks],
      ['device', lists.deviceKinds],
      ['deviceState', lists.deviceStates],
      ['assignment', lists.assignmentStatuses],
      ['presence', lists.presenceStatuses],
      ['break', lists.breakReasons],
      ['declineReason', lists.declineReasons],
      ['contactResult', lists.contactResults],
      ['status', lists.incidentStatuses],
      ['skill', lists.skills],
      ['role', lists.roles],
      ['provider', lists.providerKinds],
      ['catalogueClass', lists.catalogueClasses],
      ['audit', lists.auditActions],
      ['protocol', lists.protocols],
      ['alert', (await import('../../server/contracts/queue.ts')).alertKinds],
      ['because', (await import('../../server/contracts/calls.ts')).callEnds],
    ]
    expect(
      expected.flatMap(([name, list]) =>
        list.filter((word) => !zh.includes(`words.${name}.${word}`)).map((word) => `${name}.${word}`),
      ),
    ).toEqual([])
  })
  test('no Chinese stands in a page itself', () => {
    const allowed = /[、；·“”’]/g
    expect(
      files('.tsx').filter((name) =>
        /[\p{Script=Han}\u3000-\u303f\uff00-\uffef]/u.test(read(name).replace(allowed, '')),
      ),
    ).toEqual([])
  })
})

const row = (n: number, more: Partial<IncidentRow> = {}): IncidentRow =>
  ({
    id: `i${n}`,
    number: n,
    status: 'waiting',
    rankAt: new Date(1_000_000 + n).toISOString(),
    version: 1,
    seq: n,
    ...more,
  }) as IncidentRow

describe('the live board', async () => {
  Object.assign(globalThis, { document: { hidden: false }, window: { addEventListener() {} } })
  const { makeBoard } = await import('../../console/lib/board.ts')
  const make = () => {
    const flushes: (() => void)[] = []
    const board = makeBoard((flush) => flushes.push(flush))
    const show = () => {
      for (const flush of flushes.splice(0)) flush()
      return board.ids()
    }
    return { board, show }
  }
  test('stands in the order of the queue, whatever order the pushes come in', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(500), { maxLength: 60 }), (numbers) => {
        const { board, show } = make()
        for (const n of numbers) board.apply(row(n))
        expect(show()).toEqual(
          [...numbers].sort((a, b) => row(a).rankAt.localeCompare(row(b).rankAt)).map((n) => `i${n}`),
        )
      }),
    )
  })
  test('an older or repeated push changes nothing, a newer one moves the row, a closed one leaves', () => {
    const { board, show } = make()
    board.apply(row(1))
    board.apply(row(2))
    board.apply(row(2, { version: 3, rankAt: new Date(5).toISOString() }))
    board.apply(row(2, { version: 2, status: 'closed' }))
    expect(show()).toEqual(['i2', 'i1'])
    board.apply(row(2, { version: 4, status: 'closed' }))
    expect(show()).toEqual(['i1'])
  })
  test('a storm of pushes is shown once', () => {
    const flushes: (() => void)[] = []
    const board = makeBoard((flush) => flushes.push(flush))
    for (let n = 0; n < 1000; n++) board.apply(row(n))
    expect(flushes).toHaveLength(1)
  })
  test('one more signal draws its own row again and leaves the list alone; a new owner draws the list', () => {
    const { board, show } = make()
    board.apply(row(1))
    board.apply(row(2))
    const before = show()
    let rows = 0
    let lists = 0
    board.listenRow('i2', () => void rows++)
    board.listen(() => void lists++)
    board.apply(row(2, { version: 2, signals: 2 }))
    expect(show()).toBe(before)
    expect([rows, lists, board.row('i2')?.signals]).toEqual([1, 0, 2])
    board.apply(row(2, { version: 3, status: 'triage', ownerId: 'somebody' }))
    show()
    expect([rows, lists]).toEqual([2, 1])
  })
  test('another epoch starts over', () => {
    const { board, show } = make()
    board.take({ epoch: 'a', seq: 5, serverTime: '', items: [row(1)] })
    expect(board.asked()).toEqual({ epoch: 'a', since: 5 })
    board.take({ epoch: 'b', seq: 1, serverTime: '', items: [row(2)] })
    expect(show()).toEqual(['i2'])
  })
})

describe('keys', async () => {
  Object.assign(globalThis, { window: { addEventListener() {} } })
  const { addLayer, belongsToControl, bindingFor, grouped, keyText } = await import('../../console/lib/keys.ts')
  const { keyOf } = await import('../../console/lib/pressed.ts')
  const pressed = (key: string, more = {}) => ({
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    repeat: false,
    shiftKey: false,
    ...more,
  })
  test('act only when nobody types, once for a held key, and never with the browser’s own modifiers', () => {
    expect(keyOf(pressed('a'), false)).toBe('a')
    expect(keyOf(pressed('a'), true)).toBeUndefined()
    expect(keyOf(pressed('F1'), true)).toBe('F1')
    expect(keyOf(pressed('a', { repeat: true }), false)).toBeUndefined()
    expect(keyOf(pressed('a', { ctrlKey: true }), false)).toBeUndefined()
    expect(keyOf(pressed('D', { shiftKey: true }), false)).toBe('Shift+D')
  })
  test('the newest layer has the key, and a clash or a reserved key is refused', () => {
    const said: string[] = []
    const leave = addLayer([{ key: 'd', does: 'x', run: () => said.push('old') }])
    const leaveNew = addLayer([{ key: 'D', does: 'x', run: () => said.push('new') }])
    bindingFor('d')?.run()
    leaveNew()
    bindingFor('d')?.run()
    leave()
    expect([said, bindingFor('d')]).toEqual([['new', 'old'], undefined])
    expect(() =>
      addLayer([
        { key: 'b', does: '', run() {} },
        { key: 'B', does: '', run() {} },
      ]),
    ).toThrow(/twice/)
    expect(() => addLayer([{ key: 'F5', does: '', run() {} }])).toThrow(/reserved/)
  })
  test('A, Space and X are whoever rings, N and M the voice that comes: a page cannot have them', () => {
    for (const key of ['a', 'A', ' ', 'x', 'n', 'm'])
      expect(() => addLayer([{ key, does: 'words.disposition.could-not-reach', run() {} }])).toThrow(/reserved/)
  })
  test('A answers who rings before it takes from the list, whichever was bound last', () => {
    const said: string[] = []
    const rings = addLayer([{ key: 'a', does: 'keys.accept', run: () => said.push('rings') }])
    const list = addLayer([{ key: 'a', does: 'keys.take', run: () => said.push('list') }])
    bindingFor('a')?.run()
    rings()
    bindingFor('a')?.run()
    list()
    expect(said).toEqual(['rings', 'list'])
  })
  test('Space belongs to the control that has the focus, Enter to a button and not to a choice', () => {
    const control = (mine: string) => ({ matches: (list: string) => list.split(', ').includes(mine) })
    const takes = (mine: string) => [' ', 'Enter', '1'].map((key) => belongsToControl(control(mine), key))
    expect(takes('[type=checkbox]')).toEqual([true, false, false])
    expect(takes('[role=radio]')).toEqual([true, false, false])
    expect(takes('summary')).toEqual([true, true, false])
    // The letters of the word Enter are nobody's: R resolves and N starts the ladder wherever the focus is.
    for (const letter of 'Enter') expect(belongsToControl(control('button'), letter)).toBe(false)
    expect(belongsToControl(null, ' ')).toBe(false)
  })
  test('the key map shows keys as the buttons do, and a run of keys once', () => {
    expect(['ArrowDown', 'Shift+Q', 'h', 'F1', 'Escape'].map(keyText)).toEqual(['↓', '⇧Q', 'H', 'F1', 'Esc'])
    const run = () => {}
    expect(
      grouped([
        { key: '1', does: 'choose', run },
        { key: '2', does: 'choose', run },
        { key: 'h', does: 'hold', run },
      ]),
    ).toEqual([
      { keys: ['1', '2'], does: 'choose' },
      { keys: ['h'], does: 'hold' },
    ])
  })
})

test('answers raise the class and never lower it', async () => {
  const { catalogue } = await import('../../prisma/demo/catalogue.ts')
  const { classOf } = await import('../../console/incidents/class-of.ts')
  for (const item of catalogue) {
    expect(classOf(item, {})).toBe(item.priority)
    for (const question of item.questions)
      for (const answer of question.answers)
        expect(classOf(item, { [question.id]: answer.id })).toBeLessThanOrEqual(item.priority)
  }
})

test('a draft outlives the page, and goes when it is sent or the operator signs out', async () => {
  const kept = new Map<string, string>()
  Object.assign(globalThis, {
    localStorage: new Proxy({} as Record<string, unknown>, {
      get: (_, name: string) =>
        ({
          getItem: (key: string) => kept.get(key) ?? null,
          setItem: (key: string, text: string) => void kept.set(key, text),
          removeItem: (key: string) => void kept.delete(key),
        })[name as 'getItem'],
      ownKeys: () => [...kept.keys()],
      getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
    }),
  })
  const { clearDrafts, readDraft, writeDraft } = await import('../../console/lib/drafts.ts')
  writeDraft('ana', 'i1', '家属十分钟后到')
  writeDraft('ana', 'i2', 'x')
  expect(readDraft('ana', 'i1')).toBe('家属十分钟后到')
  writeDraft('ana', 'i2', '')
  expect([...kept.keys()]).toEqual(['yihu.draft.ana.i1'])
  // The next person at this desk neither reads it nor leaves it there.
  expect(readDraft('ben', 'i1')).toBe('')
  kept.set('yihu.draft.i9', 'of an older version')
  writeDraft('ben', 'i1', '我的')
  clearDrafts('ben')
  expect([...kept.keys()]).toEqual(['yihu.draft.ben.i1'])
  clearDrafts()
  expect(kept.size).toBe(0)
})

test('of what rings, the gravest is offered first, then whoever has waited longest', async () => {
  const { inOrder } = await import('../../console/queue/in-order.ts')
  const rows: Record<string, Pick<IncidentRow, 'class' | 'rankAt'>> = {
    meal: { class: 3, rankAt: '2026-11-24T10:05:01.000Z' },
    late: { class: 2, rankAt: '2026-11-24T10:05:00.000Z' },
    early: { class: 2, rankAt: '2026-11-24T10:01:00.000Z' },
    life: { class: 1, rankAt: '2026-11-23T10:09:00.000Z' },
  }
  const offers = ['meal', 'late', 'unknown', 'life', 'early'].map(
    (incidentId, i) => ({ id: `o${i}`, incidentId, createdAt: '2026-11-24T10:02:00.000Z' }) as OfferView,
  )
  expect(inOrder(offers, (id) => rows[id]).map((offer) => offer.incidentId)).toEqual([
    'life',
    'early',
    'unknown',
    'late',
    'meal',
  ])
})
