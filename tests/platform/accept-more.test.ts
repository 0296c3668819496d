import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { acceptMore } from '../../server/platform/accept-more.ts'

const many = 96
const open: Socket[] = []
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy()
})

async function listening() {
  let seen = 0
  const server = createServer((socket) => {
    open.push(socket)
    seen++
  })
  server.listen(0, '127.0.0.1', 4_096)
  await once(server, 'listening')
  return { server, seen: () => seen, port: (server.address() as AddressInfo).port }
}

/** How many turns of the loop it takes until all that came at once are in. */
async function turnsFor({ seen, port }: Awaited<ReturnType<typeof listening>>): Promise<number> {
  const before = seen()
  for (let n = 0; n < many; n++) open.push(connect(port, '127.0.0.1'))
  let turns = 0
  while (seen() < before + many) {
    await new Promise((next) => setImmediate(next))
    turns++
  }
  return turns
}

test('whoever comes among a hundred others is in after a few turns of the loop, and not after a hundred', async () => {
  const here = await listening()
  const alone = await turnsFor(here)
  const more = await acceptMore(here.server)
  const watched = await turnsFor(here)
  expect(alone).toBeGreaterThanOrEqual(many)
  expect(watched).toBeLessThan(alone / 6)
  more.stop()
  here.server.close()
})

test('stopped, they take nobody more, and the end is told when their last connection is over', async () => {
  const here = await listening()
  const more = await acceptMore(here.server)
  await turnsFor(here)
  more.stop()
  here.server.close()
  const refused = connect(here.port, '127.0.0.1')
  const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException]
  expect(error.code).toBe('ECONNREFUSED')
  let ended = false
  void more.ended.then(() => {
    ended = true
  })
  await new Promise((next) => setImmediate(next))
  expect(ended).toBe(false)
  for (const socket of open.splice(0)) socket.destroy()
  await more.ended
})
