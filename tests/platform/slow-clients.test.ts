import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildApp } from '../../server/wiring/app.ts'
import { type Centre, startCentre } from '../support/centre.ts'

let centre: Centre
let port: number
let close: () => Promise<void>
beforeAll(async () => {
  centre = await startCentre()
  const app = await buildApp(centre.parts, {
    intake: centre.intake,
    unready: async () => [],
    consoleDir: '/nonexistent',
    map: () => ({ type: 'FeatureCollection', features: [] }),
    patience: { headersMs: 200, requestMs: 400, lookEveryMs: 50 },
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  port = (app.server.address() as { port: number }).port
  close = () => app.close()
})
afterAll(async () => {
  await close()
  await centre.close()
})

/** What comes back until the connection is closed, while one byte is sent again and again. */
async function drip(begin: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let back = ''
  socket.on('data', (bytes) => {
    back += bytes
  })
  socket.on('error', () => {})
  socket.write(begin)
  const dripping = setInterval(() => socket.write(' '), 60)
  await once(socket, 'close')
  clearInterval(dripping)
  return back
}

test('who sends a body a byte at a time is let go, and keeps no connection from those who press', async () => {
  const back = await drip(
    'POST /api/v1/alarms HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{',
  )
  expect(back).toContain('408')
})

test('who never ends the head of a request is let go', async () => {
  expect(await drip('GET /healthz HTTP/1.1\r\nhost: a\r\nx-long: ')).toContain('408')
})
