import { expect, test } from 'vitest'
import { groupCommit, Overloaded } from '../../server/platform/group-commit.ts'

const limits = { batchMax: 2, waitingMax: 4, lanes: 1 }

test('who is urgent goes before all that waited, and a line full of others takes them', async () => {
  const committed: string[][] = []
  let release = () => {}
  const first = new Promise<void>((done) => {
    release = done
  })
  const line = groupCommit<string, string>(async (items) => {
    committed.push(items)
    if (committed.length === 1) await first
    return items
  }, limits)
  const all = [line.submit('mains 1')]
  for (let n = 2; n <= 5; n++) all.push(line.submit(`mains ${n}`))
  await expect(line.submit('mains 6')).rejects.toBeInstanceOf(Overloaded)
  all.push(line.submit('smoke', true), line.submit('fall', true), line.submit('press', true))
  expect(line.waiting()).toBe(7)
  release()
  await Promise.all(all)
  expect(committed).toEqual([['mains 1'], ['smoke', 'fall'], ['press', 'mains 2'], ['mains 3', 'mains 4'], ['mains 5']])
})
