import type { FastifyInstance } from 'fastify'
import type { AlarmDevice, AlarmIn } from '../../../server/contracts/alarms.ts'
import { handOver } from '../hand-over.ts'
import { speaksFor } from '../speaks-for.ts'
import { decide } from './decide.ts'
import { readSignals, signalsMax, type Told, type Unread } from './read.ts'
import { isSigned } from './signature.ts'

type Parts = { alarms: AlarmIn; now(): Date; log: { warn(about: object, words: string): void } }
/** What became of one signal. */
type Result =
  | { result: 'stored' | 'again'; alarmId: string; incidentId: string | null }
  | { result: 'noted' | 'heard' | 'unknown-device' | 'invalid' }

const protocol = 'webhook'
const bodyBytesMax = 65_536
const refused = {
  code: 'unknown-key',
  message:
    'Send Yihu-Gateway, Yihu-Timestamp and Yihu-Signature as docs/alarm-devices.md 5.2 says, signed with the key of this gateway.',
}

/**
 * The signals of devices behind a platform of others: it is a device of kind gateway of this protocol and signs with its key; only
 * devices that report through it are its own. Answered once all of it is committed; what was not stored is answered 503, and all
 * of it may be sent again: what was stored is known.
 */
export async function webhookRoutes(app: FastifyInstance, { alarms, now, log }: Parts): Promise<void> {
  // The signature is over the bytes as they were sent.
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  /** The platform is ours and cannot be understood: whoever stands behind it goes unheard, so a person sees it. */
  const unreadable = ({ account }: AlarmDevice, said: string) =>
    alarms.strange({ protocol, account, said, because: 'unreadable' })

  async function take(gateway: AlarmDevice, told: Told | Unread | undefined): Promise<Result> {
    if (!told) {
      await unreadable(gateway, 'a signal without an account')
      return { result: 'invalid' }
    }
    const device = await alarms.device(protocol, told.account)
    if (!device || !speaksFor(gateway, device)) {
      const because = device ? 'wrong-secret' : 'unknown-account'
      await alarms.strange({ protocol, account: told.account, said: `by ${gateway.account}`, because })
      return { result: 'unknown-device' }
    }
    const said = decide(told)
    const receipt = await handOver(alarms, device, said)
    if (!receipt) return { result: said.is === 'note' ? 'noted' : 'heard' }
    const { alarmId, incidentId, duplicate } = receipt
    return { result: duplicate ? 'again' : 'stored', alarmId, incidentId }
  }

  app.post('/signals', { bodyLimit: bodyBytesMax }, async (request, reply) => {
    const header = (name: string) => String(request.headers[name] ?? '').slice(0, 100)
    const account = header('yihu-gateway')
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    const signed = { seconds: header('yihu-timestamp'), signature: header('yihu-signature'), body }
    try {
      const gateway = account ? await alarms.device(protocol, account.slice(0, 60)) : undefined
      const key = gateway?.kind === 'gateway' ? gateway.secret : undefined
      if (!gateway || !key || !isSigned(signed, key, now())) {
        const because = gateway ? 'wrong-secret' : 'unknown-account'
        if (account) await alarms.strange({ protocol, account: account.slice(0, 60), said: 'POST /signals', because })
        return reply.status(401).send(refused)
      }
      const signals = readSignals(body)
      if (!signals) {
        await unreadable(gateway, body.toString('utf8', 0, 200))
        return reply
          .status(422)
          .send({ code: 'invalid', message: `Send {"signals": […]} with 1 to ${signalsMax} of them.` })
      }
      alarms.heard(gateway)
      return { results: await Promise.all(signals.map((one) => take(gateway, one))) }
    } catch (error) {
      log.warn({ fault: (error as Error).message }, 'signals of a platform were not stored')
      return reply.status(503).header('retry-after', '5').send({ code: 'outage', message: 'Send all of it again.' })
    }
  })
}
