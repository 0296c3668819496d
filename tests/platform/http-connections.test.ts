import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { keepRoom } from '../../server/platform/http-connections.ts'

const most = 20
const sockets: Socket[] = []
const server = createServer((request, answer) => {
  request.resume()
  request.once('end', () => answer.end('stored'))
})
keepRoom(server, most)

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  server.close()
})

/** A connection that has said this much; `gone` once it was closed from the other side. */
async function opened(words: string): Promise<{ gone: boolean; heard: string }> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  sockets.push(socket)
  const seen = { gone: false, heard: '' }
  socket.on('error', () => {})
  socket.on('data', (bytes) => {
    seen.heard += bytes
  })
  socket.on('close', () => {
    seen.gone = true
  })
  await once(socket, 'connect')
  if (words) socket.write(words)
  return seen
}

test('who opens connections and keeps us waiting makes room for a device that presses, never the other way round', async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const half = 'POST /api/v1/alarms HTTP/1.1\r\nhost: a\r\ncontent-length: 900\r\n\r\n{'
  const strangers: Awaited<ReturnType<typeof opened>>[] = []
  for (let n = 0; n < most * 3; n++) {
    strangers.push(await opened(n % 3 === 0 ? '' : n % 3 === 1 ? 'GET / HTTP/1.1\r\nhost: ' : half))
    if (n % 10 !== 9) continue
    const device = await opened('POST /api/v1/alarms HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}')
    await expect.poll(() => device.heard).toContain('stored')
  }
  await expect.poll(() => strangers.filter(({ gone }) => !gone).length).toBeLessThanOrEqual(most)
  // The newest ones are still there: it is the oldest that went.
  expect(strangers.slice(-5).some(({ gone }) => gone)).toBe(false)
})
