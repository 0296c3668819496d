import { expect, test } from 'vitest'
import { makeLiveList } from '../../console/lib/live-list.ts'

type Item = { id: string; version: number }
const answers = () => {
  let give: (items: Item[]) => void = () => {}
  const question = () => new Promise<Item[]>((resolve) => (give = resolve))
  return { question, answer: (...items: Item[]) => give(items) }
}
const one = (version: number): Item => ({ id: 'one', version })

test('what was told while the answer was on its way stands', async () => {
  const list = makeLiveList<Item>()
  const { question, answer } = answers()
  const asked = list.ask(question)
  list.tell(one(3), true)
  answer(one(2))
  expect(await asked).toBe(true)
  expect(list.all()).toEqual([one(3)])
})

test('what ended while the answer was on its way does not come back', async () => {
  const list = makeLiveList<Item>()
  const { question, answer } = answers()
  const asked = list.ask(question)
  list.tell(one(3), false)
  answer(one(2))
  await asked
  expect(list.all()).toEqual([])
})

test('an answer that is newer than what was told stands, and one without an item takes it out', async () => {
  const list = makeLiveList<Item>()
  const { question, answer } = answers()
  const asked = list.ask(question)
  list.tell(one(3), false)
  answer(one(4))
  await asked
  expect(list.all()).toEqual([one(4)])
  await list.ask(async () => [])
  expect(list.all()).toEqual([])
})

test('of two questions under way the later is heard, whichever answer comes last', async () => {
  const list = makeLiveList<Item>()
  const [early, late] = [answers(), answers()]
  const first = list.ask(early.question)
  const second = list.ask(late.question)
  late.answer(one(5))
  early.answer(one(1))
  expect([await first, await second]).toEqual([false, true])
  expect(list.all()).toEqual([one(5)])
})

test('an older word changes nothing', () => {
  const list = makeLiveList<Item>()
  expect(list.tell(one(3), true)).toBe(true)
  expect(list.tell(one(2), false)).toBe(false)
  list.tell(one(3), false)
  expect(list.tell(one(2), true)).toBe(false)
  expect(list.all()).toEqual([])
})
