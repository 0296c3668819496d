import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** A product of a test opens no other way in than it says: several run at once. */
export const portsOff = { SIP_PORT: 'off', SIPS_PORT: 'off', DC09_PORT: 'off', MQTT_PORT: 'off', COAP_PORT: 'off' }

/** A port that was free a moment ago, for peers that cannot be told to find one. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  await new Promise((done) => server.close(done))
  return typeof address === 'object' && address ? address.port : 0
}

/** Resolves when somebody takes connections there. */
export async function listening(port: number, host = '127.0.0.1'): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const socket = connect({ port, host })
    const open = await new Promise<boolean>((done) =>
      socket.once('connect', () => done(true)).once('error', () => done(false)),
    )
    socket.destroy()
    if (open) return
    await new Promise((done) => setTimeout(done, 25))
  }
  throw new Error('nobody listens')
}
