import type { Socket } from 'node:net'
import { Aedes, type Client, type PublishPacket } from 'aedes'
import type { AlarmDevice } from '../../../server/contracts/alarms.ts'
import { readWord } from '../json/read.ts'
import type { ProtocolParts } from '../listening.ts'
import { speaksFor } from '../speaks-for.ts'
import { protocol, takeWord } from './take.ts'
import { readTopic } from './topic.ts'

/** Who is connected: the device, and the key by which it has proved to be it. */
type Holder = { device: AlarmDevice; keyHash: string }

const connectMsMax = 10_000
// Between two packets that were understood; whoever announces a longer one is no button.
const unreadBytesMax = 256 * 1024
// With our prefix, longer than the 23 characters that MQTT 3.1 allows.
const clientIdMax = 200
// Of QoS 2, stored and not released by the device: kept while it is connected, so that it is told twice and is one.
const unreleasedMax = 20
// A device whose key was taken away is shown the door within this time even if it says nothing.
const recheckEveryMs = 30_000

/**
 * The rules of our own broker, for a small site: MQTT 3.1 and 3.1.1; the user name is the device's account, the password its key. A
 * device speaks on its own topics, a gateway also on those of the devices that report through it; nobody may subscribe. PUBACK comes
 * after the commit. What could not be stored closes the connection instead, since MQTT 3.1.1 has no word for it: the device says it again.
 */
export async function makeBroker({ alarms, now, log }: ProtocolParts, isOurs: (socket: Socket) => void = () => {}) {
  const holders = new Map<Client, Holder>()
  /** How many bytes a connection had sent when its last packet was understood. */
  const understoodAt = new WeakMap<object, number>()
  const understood = ({ conn }: Client) => understoodAt.set(conn, (conn as Socket).bytesRead)

  /** The device as it is now; undefined when its key was taken away or changed. */
  async function stillKnown({ device, keyHash }: Holder): Promise<AlarmDevice | undefined> {
    const known = await alarms.device(protocol, device.account)
    return known?.keyHash === keyHash ? known : undefined
  }

  async function holderOf(account: string, key: string): Promise<Holder | undefined> {
    const device = await alarms.device(protocol, account)
    if (device?.keyHash && alarms.holds(device, key)) return { device, keyHash: device.keyHash }
    const because = device ? 'wrong-secret' : 'unknown-account'
    await alarms.strange({ protocol, account, said: 'CONNECT', because })
  }

  /** Whose word it is, when who speaks may say it; a stranger's topic is shown to a person. */
  async function speakerOf(holder: AlarmDevice, account: string, said: string): Promise<AlarmDevice | undefined> {
    if (account === holder.account) return holder
    const other = await alarms.device(protocol, account)
    if (other && holder.kind === 'gateway' && speaksFor(holder, other)) return other
    await alarms.strange({ protocol, account, said, because: other ? 'wrong-secret' : 'unknown-account' })
  }

  async function take(client: Client, { topic: name, payload }: PublishPacket): Promise<void> {
    const holder = holders.get(client)
    const topic = readTopic(name)
    const bytes = Buffer.from(payload)
    // It has come back on another connection before this one was given up: its line is not gone. Counted now: while the device
    // is looked up, the connection that is being given up leaves the list.
    const isBack = holder && topic?.account === holder.device.account && isGone(bytes) && connections(topic.account) > 1
    const known = holder && (await stillKnown(holder))
    // On a topic that is nobody's it can only speak of itself.
    const device = known && (topic ? await speakerOf(known, topic.account, bytes.toString('utf8', 0, 200)) : known)
    if (!device) throw new Error('not its own topic, or its key is no longer good')
    if (isBack) return alarms.heard(device)
    await takeWord(alarms, device, topic ?? { account: device.account, kind: 'alarm' }, bytes)
  }
  const isGone = (bytes: Buffer) => readWord(bytes)?.t === 'gone'
  const connections = (account: string) => [...holders.values()].filter((one) => one.device.account === account).length

  function welcome(client: Client, holder: Holder): void {
    holders.set(client, holder)
    isOurs(client.conn as Socket)
    // Its last will is said while the connection closes, and needs to be known as its own.
    client.conn.once('close', () => setImmediate(() => holders.delete(client)))
    const { device } = holder
    alarms.heard(device)
    // If it was told to be gone: its line is back.
    if (device.kind === 'gateway')
      alarms
        .noted(device, { note: 'restored', type: 'line', said: 'MQTT CONNECT', sequence: now().getTime() })
        .catch((error: Error) => log.warn({ fault: error.message }, 'a gateway that is back was not noted'))
  }

  const broker = await Aedes.createBroker({
    connectTimeout: connectMsMax,
    maxClientsIdLength: clientIdMax,
    maxInflightInbound: unreleasedMax,
    preConnect(client, packet, done) {
      understood(client)
      // Nothing is kept for anybody; and a client identifier counts within its account alone, so that it takes nobody else's place.
      packet.clean = true
      packet.clientId = `${packet.username ?? ''}/${packet.clientId}`
      done(null, true)
    },
    authenticate(client, account, key, done) {
      if (!account || account.length > 60 || !key) return done(refusal(4), false)
      holderOf(account, key.toString('utf8')).then(
        (holder) => {
          if (!holder) return done(refusal(4), false)
          if (!client.closed) welcome(client, holder)
          done(null, true)
        },
        // After a CONNACK that says no, common clients do not come back [mqtt.js]; after a line that just closes, all do.
        () => {
          client.conn.destroy()
          done(refusal(3), false)
        },
      )
    },
    authorizePublish(client, packet, done) {
      if (!client) return done(new Error('nobody said it'))
      understood(client)
      // Told to nobody later: a press is one of its moment.
      packet.retain = false
      take(client, packet).then(
        () => done(null),
        (error: Error) => {
          log.warn({ fault: error.message }, 'an MQTT message was not taken')
          done(error)
        },
      )
    },
    authorizeSubscribe: (_client, _subscription, done) => done(null, null),
  })
  broker.on('ping', (_packet, client) => {
    understood(client)
    const holder = holders.get(client)
    if (holder) alarms.heard(holder.device)
  })

  async function recheck(): Promise<void> {
    // One after the other: the presses ask in the same line.
    for (const [client, holder] of holders)
      try {
        if (!(await stillKnown(holder))) client.close()
      } catch {} // no database: nothing is known of its key
  }
  const timer = setInterval(recheck, recheckEveryMs)
  return {
    recheck,
    serve(socket: Socket): void {
      socket.on('readable', () => {
        if (socket.bytesRead - (understoodAt.get(socket) ?? 0) > unreadBytesMax) socket.destroy()
      })
      broker.handle(socket)
    },
    close(): void {
      clearInterval(timer)
      broker.close()
    },
  }
}

/** CONNACK return codes [MQTT 3.1.1, table 3.1]: 3 server unavailable, 4 bad user name or password. */
const refusal = (returnCode: 3 | 4) => Object.assign(new Error('not taken'), { returnCode })
