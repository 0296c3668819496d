import { connect, type MqttClient } from 'mqtt'
import type { AlarmIn } from '../../../server/contracts/alarms.ts'
import { jsonOf } from '../json-of.ts'
import type { ProtocolParts } from '../listening.ts'
import { takeUplink } from '../lorawan/take.ts'
import { readChirpstack, readThings } from '../lorawan/uplink.ts'
import { protocol, takeWord } from './take.ts'
import { readTopic } from './topic.ts'

export type BrokerAt = {
  url: string
  /** Ours for ever, so that the broker keeps for us what came while we were away. */
  clientId: string
  /** The gateway device that stands for the broker: while we are connected to it, it is heard. */
  account: string | undefined
}

/** Small devices; ChirpStack 4; The Things Stack 3 [alarm-devices.md 4.1, 4.3; topics of the two not read in their live documents]. */
const topics = ['care/+/+/+', 'application/+/device/+/event/+', 'v3/+/devices/+/+']
// One connection is told one message after the other, each after the commit of the one before: several share them out.
const lines = 8
const group = 'yihu'
const againMs = 2_000
const heardEveryMs = 30_000

/**
 * Listens at a broker that others run: QoS 1, a session that is kept, PUBACK after the commit. What could not be stored is not
 * acknowledged and the connection is given up, upon which the broker tells it again. The broker answers for who may speak where.
 */
export function subscribeMqtt({ alarms, log }: ProtocolParts, { url, clientId, account }: BrokerAt) {
  const granted = new Set<string>()
  const clients = Array.from({ length: lines }, (_, n) => line(`${clientId}-${n}`))

  function line(id: string): MqttClient {
    const client = connect(url, { clientId: id, clean: false, protocolVersion: 4, reconnectPeriod: againMs })
    client.handleMessage = ({ topic, payload }, done) => {
      take(alarms, topic, Buffer.from(payload)).then(
        () => done(),
        (error: Error & { code?: unknown }) => {
          // What the database can never keep (SQLSTATE class 22) would come back for ever and keep the others from being heard.
          if (/^22/.test(String(error.code))) {
            log.warn({ fault: error.message }, 'an MQTT message cannot be stored at all, and is let go')
            return done()
          }
          log.warn({ fault: error.message }, 'an MQTT message was not stored; the broker tells it again')
          client.stream.destroy()
          done(error)
        },
      )
    }
    client.on('connect', () => {
      for (const topic of topics)
        client.subscribe(`$share/${group}/${topic}`, { qos: 1 }, (error) => {
          if (error) log.warn({ fault: error.message, topic }, 'the MQTT broker does not let us listen')
          else granted.add(`${id} ${topic}`)
        })
    })
    client.on('connect', () => void tellOfBroker().catch(() => {}))
    client.on('error', (error) => log.warn({ fault: error.message }, 'MQTT broker'))
    return client
  }

  async function tellOfBroker(): Promise<void> {
    if (!account || !clients.some((one) => one.connected)) return
    const device = await alarms.device(protocol, account)
    if (device) alarms.heard(device)
  }
  const timer = setInterval(() => void tellOfBroker().catch(() => {}), heardEveryMs)

  return {
    /** All that was asked of the broker was granted. */
    listening: () => granted.size === lines * topics.length,
    connected: () => clients.filter((one) => one.connected).length,
    async stop(): Promise<void> {
      clearInterval(timer)
      await Promise.all(clients.map((one) => one.endAsync(true)))
    },
  }
}

async function take(alarms: AlarmIn, topic: string, bytes: Buffer): Promise<void> {
  const [first, ...rest] = topic.split('/')
  if (first === 'application') return void (await takeUplink(alarms, readChirpstack(jsonOf(bytes), rest.at(-1) ?? '')))
  if (first === 'v3') return void (await takeUplink(alarms, readThings(jsonOf(bytes))))
  const of = readTopic(topic)
  if (!of) return
  const device = await alarms.device(protocol, of.account)
  if (device) return takeWord(alarms, device, of, bytes)
  const said = bytes.toString('utf8', 0, 200)
  await alarms.strange({ protocol, account: of.account, said, because: 'unknown-account' })
}
