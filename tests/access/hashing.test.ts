import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { hashingLine } from '../../server/access/hashing.ts'

/** A thread that answers when the test says so. */
function threads() {
  const started: (EventEmitter & { asked: object[] })[] = []
  const start = () => {
    const one = Object.assign(new EventEmitter(), {
      asked: [] as object[],
      postMessage: (asked: object) => void one.asked.push(asked),
      ref: () => {},
      unref: () => {},
    })
    started.push(one)
    return one
  }
  return { start: start as never, started }
}

test('one password is hashed at a time, and who has signed in at this browser before goes before strangers', async () => {
  const { start, started } = threads()
  const line = hashingLine(start)
  const done: string[] = []
  const ask = (password: string, rank: 'known' | 'stranger') =>
    void line.ask({ password }, rank).then(() => done.push(password))
  for (const password of ['s1', 's2', 's3']) ask(password, 'stranger')
  ask('k1', 'known')
  const [thread] = started
  for (let n = 0; n < 4; n++) {
    expect(thread?.asked).toHaveLength(n + 1)
    thread?.emit('message', { done: true })
  }
  await Promise.resolve()
  expect(done).toEqual(['s1', 'k1', 's2', 's3'])
})

test('strangers who fill their line are told to come again, and the people of the desks still get in', async () => {
  const { start } = threads()
  const waits: number[] = []
  const line = hashingLine(start, async (ms) => void waits.push(ms))
  const tried = Array.from({ length: 100 }, () => line.ask({ password: 'x' }, 'stranger'))
  const refused = tried.slice(31)
  for (const one of refused) await expect(one).rejects.toMatchObject({ statusCode: 429 })
  await expect(line.admit('stranger')).rejects.toMatchObject({ statusCode: 429 })
  await line.admit('known')
  // Who is refused waits for it, so that trying on at once is not worth it.
  expect(waits).toHaveLength(1)
  expect(waits[0]).toBeGreaterThanOrEqual(4_000)
})

test('those who come together and are refused do not come back together', async () => {
  const { start } = threads()
  const waits: number[] = []
  const line = hashingLine(start, async (ms) => void waits.push(ms))
  for (let n = 0; n < 30; n++) await line.admit('stranger')
  for (let n = 0; n < 50; n++) await expect(line.admit('stranger')).rejects.toMatchObject({ statusCode: 429 })
  expect(new Set(waits).size).toBeGreaterThan(40)
  expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(1_000)
})

test('who was let in has a place, whatever happens between that and the question; who asks nothing gives it back', async () => {
  const { start } = threads()
  const line = hashingLine(start, async () => {})
  const places = await Promise.all(Array.from({ length: 30 }, () => line.admit('stranger')))
  await expect(line.admit('stranger')).rejects.toMatchObject({ statusCode: 429 })
  places[0]?.leave()
  places[0]?.leave()
  await line.admit('stranger')
  await expect(line.admit('stranger')).rejects.toMatchObject({ statusCode: 429 })
  // None of them is refused any more; the first is under way, and leaves room for one.
  for (const place of places.slice(1)) void place.ask({ password: 'x' })
  await line.admit('stranger')
  await expect(line.admit('stranger')).rejects.toMatchObject({ statusCode: 429 })
})

test('a thread that dies fails one try only; the next is asked of a new one', async () => {
  const { start, started } = threads()
  const line = hashingLine(start)
  const first = line.ask({ password: 'a' }, 'known')
  const second = line.ask({ password: 'b' }, 'known')
  started[0]?.emit('exit', 1)
  await expect(first).rejects.toThrow('ended with 1')
  started[1]?.emit('message', { done: 'hash' })
  expect(await second).toBe('hash')
})
