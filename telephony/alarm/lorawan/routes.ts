import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { AlarmIn } from '../../../server/contracts/alarms.ts'
import { decide } from './decide.ts'
import { type Other, readChirpstack, readThings, type Uplink } from './uplink.ts'

type Parts = { alarms: AlarmIn; secret: string; log: { warn(about: object, words: string): void } }

const protocol = 'lorawan'
const bodyBytesMax = 65_536

/**
 * The webhooks of ChirpStack 4 and The Things Stack 3, with `Authorization: Bearer <LORAWAN_SECRET>` as a header of the integration.
 * Answered 2xx when it is stored; neither network tries again for sure, so a device that falls silent is what must be noticed.
 */
export async function lorawanRoutes(app: FastifyInstance, { alarms, secret, log }: Parts): Promise<void> {
  const wanted = Buffer.from(`Bearer ${secret}`)
  app.addHook('onRequest', async (request, reply) => {
    const given = Buffer.from(request.headers.authorization ?? '')
    if (given.length === wanted.length && timingSafeEqual(given, wanted)) return
    await reply
      .status(401)
      .send({ code: 'unknown-key', message: 'Send the secret of this integration as a bearer token.' })
  })
  const options = { bodyLimit: bodyBytesMax }
  const bad = { code: 'invalid', message: 'This is no uplink of this network server.' }

  async function take(told: Uplink | Other): Promise<number> {
    const device = await alarms.device(protocol, told.devEui)
    if (!device) {
      await alarms.strange({
        protocol,
        account: told.devEui,
        said: 'bytes' in told ? told.bytes.toString('hex') : 'join or status',
        because: 'unknown-account',
      })
      return 202
    }
    if (!('bytes' in told)) {
      alarms.heard(device, told.battery === undefined ? {} : { battery: told.battery })
      return 200
    }
    const said = decide(told)
    if (said.is === 'heard') {
      alarms.heard(device, said.battery === undefined ? {} : { battery: said.battery })
      return 200
    }
    const receipt = await alarms.receive(device, said.signal)
    return receipt.duplicate ? 200 : 201
  }

  async function answer(told: Uplink | Other | undefined): Promise<{ status: number; body: object }> {
    if (!told) return { status: 400, body: bad }
    try {
      return { status: await take(told), body: {} }
    } catch (error) {
      log.warn({ fault: (error as Error).message }, 'an uplink was not stored')
      return { status: 503, body: { code: 'outage', message: 'Not stored. Send it again.' } }
    }
  }

  app.post('/lorawan/chirpstack', options, async ({ body, query }, reply) => {
    const { event = 'up' } = query as { event?: string }
    const { status, body: said } = await answer(readChirpstack(body, event))
    return reply.status(status).send(said)
  })
  app.post('/lorawan/things', options, async ({ body }, reply) => {
    const { status, body: said } = await answer(readThings(body))
    return reply.status(status).send(said)
  })
}
