import type { FastifyInstance } from 'fastify'
import type { AlarmIn } from '../../../server/contracts/alarms.ts'
import { protocol, takeUplink } from './take.ts'
import { type Other, readChirpstack, readThings, type Uplink } from './uplink.ts'

type Parts = { alarms: AlarmIn; log: { warn(about: object, words: string): void } }

const bodyBytesMax = 65_536

/**
 * The webhooks of ChirpStack 4 and The Things Stack 3. The network server is a device of kind gateway of this protocol, and shows its
 * key as `Authorization: Bearer <key>`, a header of the integration; it may speak of the devices that report through it.
 * Answered 2xx when it is stored; neither network tries again for sure, so a device that falls silent is what must be noticed.
 */
export async function lorawanRoutes(app: FastifyInstance, { alarms, log }: Parts): Promise<void> {
  const options = { bodyLimit: bodyBytesMax }
  const bad = { code: 'invalid', message: 'This is no uplink of this network server.' }

  const refused = {
    code: 'unknown-key',
    message: 'Send the key of the gateway of this network server as a bearer token.',
  }

  async function answer(bearer: string | undefined, told: Uplink | Other | undefined, sent: unknown) {
    try {
      const key = /^Bearer (\S{16,200})$/.exec(bearer ?? '')?.[1]
      const gateway = key ? await alarms.holder(key) : undefined
      if (gateway?.kind !== 'gateway' || gateway.protocol !== protocol) return { status: 401, body: refused }
      alarms.heard(gateway)
      const taken = await takeUplink(alarms, told, gateway)
      if (taken === 'unreadable') {
        const said = JSON.stringify(sent ?? '').slice(0, 200)
        await alarms.strange({ protocol, account: gateway.account, said, because: 'unreadable' })
        return { status: 400, body: bad }
      }
      if (taken === 'stranger') return { status: 202, body: {} }
      return { status: taken === 'heard' || taken.duplicate ? 200 : 201, body: {} }
    } catch (error) {
      log.warn({ fault: (error as Error).message }, 'an uplink was not stored')
      return { status: 503, body: { code: 'outage', message: 'Not stored. Send it again.' } }
    }
  }

  app.post('/lorawan/chirpstack', options, async ({ body, query, headers }, reply) => {
    const { event = 'up' } = query as { event?: string }
    const { status, body: said } = await answer(headers.authorization, readChirpstack(body, event), body)
    if (status === 503) reply.header('retry-after', '5')
    return reply.status(status).send(said)
  })
  app.post('/lorawan/things', options, async ({ body, headers }, reply) => {
    const { status, body: said } = await answer(headers.authorization, readThings(body), body)
    if (status === 503) reply.header('retry-after', '5')
    return reply.status(status).send(said)
  })
}
