import { QueryObserver } from '@tanstack/react-query'
import { expect, test, vi } from 'vitest'
import { Questions } from '../../console/lib/questions.ts'

const setUp = () => {
  const gives: ((answer: string) => void)[] = []
  const client = new Questions({ defaultOptions: { queries: { retry: false } } })
  const observer = new QueryObserver(client, {
    queryKey: ['incident', 'a'],
    queryFn: () => new Promise<string>((resolve) => gives.push(resolve)),
  })
  const off = observer.subscribe(() => {})
  return { client, gives, shown: () => observer.getCurrentResult().data, off }
}

test('a change while the first answer is on its way is asked for once more', async () => {
  const { client, gives, shown, off } = setUp()
  await vi.waitFor(() => expect(gives).toHaveLength(1))
  void client.invalidateQueries({ queryKey: ['incident'] })
  void client.invalidateQueries({ queryKey: ['incident', 'a'] })
  gives[0]?.('before')
  await vi.waitFor(() => expect(gives).toHaveLength(2))
  gives[1]?.('after')
  await vi.waitFor(() => expect(shown()).toBe('after'))
  expect(gives).toHaveLength(2)
  off()
})

test('without a change the first answer is the only one, and another key changes nothing', async () => {
  const { client, gives, shown, off } = setUp()
  await vi.waitFor(() => expect(gives).toHaveLength(1))
  void client.invalidateQueries({ queryKey: ['resident'] })
  gives[0]?.('before')
  await vi.waitFor(() => expect(shown()).toBe('before'))
  await Promise.resolve()
  expect(gives).toHaveLength(1)
  off()
})
