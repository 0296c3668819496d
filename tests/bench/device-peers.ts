/** The other ends of the listeners: DC-09 panels over TCP and devices over MQTT, in a process of their own. Run by devices.ts, told by messages. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { MqttClient } from 'mqtt'
import { writeFrame } from '../../telephony/alarm/dc09/frame.ts'
import { keyOf } from './crowd.ts'
import { monotonicMs } from './figures.ts'

export type PeersOrder =
  | { do: 'connect'; port: number; count: number }
  /** So many a second of each for so long; heartbeats of everybody, presses of one after the other from `first` on. */
  | { do: 'report'; heartbeats: number; presses: number; ms: number; devices: number; first: number }
  /** All connections break at once, come back, and each reports. */
  | { do: 'storm'; port: number }
  /** The panels go; so many devices connect by MQTT, each with its key, and each says one heartbeat. */
  | { do: 'mqtt'; port: number; count: number }
export type PeersAnswer = {
  /** By account: when it was pressed, monotonic ms; and when it was acknowledged. */
  pressed: [account: string, sentMs: number, ackMs: number][]
  heartbeats: { sent: number; answered: number }
  tookMs: number
}

export const accountOf = (i: number): string => (0x10000 + i).toString(16).toUpperCase()
// Linux gives each source address some 28,000 ports.
const perAddress = 10_000
const openingAtOnce = 500
const answerMsMax = 30_000

type Panel = { socket: Socket; waiting: ((frame: string) => void)[] }
let panels: Panel[] = []

async function open(port: number, n: number): Promise<Panel> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.1.${1 + Math.floor(n / perAddress)}` })
  const panel: Panel = { socket, waiting: [] }
  socket.on('error', () => {})
  // An answer is one frame, and they come in the order of the questions.
  let rest = ''
  socket.on('data', (data) => {
    const frames = (rest + data.toString('latin1')).split('\r')
    rest = frames.pop() ?? ''
    for (const frame of frames) panel.waiting.shift()?.(frame)
  })
  socket.on('close', () => {
    for (const tell of panel.waiting.splice(0)) tell('')
  })
  await once(socket, 'connect')
  return panel
}

async function openAll(port: number, count: number): Promise<void> {
  let next = 0
  const opened: Panel[] = []
  const worker = async () => {
    while (next < count) {
      const n = next++
      opened[n] = await open(port, n)
    }
  }
  await Promise.all(Array.from({ length: openingAtOnce }, worker))
  panels = opened
}

function ask(panel: Panel, text: string): Promise<string> {
  return new Promise((answer) => {
    // What is not stored is not answered; a device would say it again, here it counts as not acknowledged.
    setTimeout(answer, answerMsMax, '').unref()
    panel.waiting.push(answer)
    panel.socket.write(writeFrame(text))
  })
}

let sequence = 0
function nextSequence(): string {
  sequence = (sequence % 9_999) + 1
  return String(sequence).padStart(4, '0')
}
const anyPanel = () => panels[Math.floor(Math.random() * panels.length)] as Panel

async function report(order: PeersOrder & { do: 'report' }): Promise<PeersAnswer> {
  const started = monotonicMs()
  const pressed: PeersAnswer['pressed'] = []
  const heartbeats = { sent: 0, answered: 0 }
  const all: Promise<void>[] = []
  let presses = 0
  while (monotonicMs() - started < order.ms) {
    const seconds = (monotonicMs() - started) / 1_000
    while (heartbeats.sent < seconds * order.heartbeats) {
      const account = accountOf(Math.floor(Math.random() * order.devices))
      heartbeats.sent++
      all.push(
        ask(anyPanel(), `"NULL"${nextSequence()}L0#${account}[]`).then((frame) => {
          if (frame.includes('"ACK"')) heartbeats.answered++
        }),
      )
    }
    while (presses < seconds * order.presses) {
      const account = accountOf(order.first + presses++)
      const sentMs = monotonicMs()
      all.push(
        ask(anyPanel(), `"ADM-CID"${nextSequence()}L0#${account}[#${account}|1101 01 015]`).then((frame) => {
          pressed.push([account, sentMs, frame.includes('"ACK"') ? monotonicMs() : Number.NaN])
        }),
      )
    }
    await new Promise((later) => setTimeout(later, 5))
  }
  await Promise.all(all)
  return { pressed, heartbeats, tookMs: monotonicMs() - started }
}

async function storm({ port }: PeersOrder & { do: 'storm' }): Promise<PeersAnswer> {
  const count = panels.length
  for (const { socket } of panels) socket.destroy()
  const started = monotonicMs()
  await openAll(port, count)
  const answers = await Promise.all(panels.map((panel, n) => ask(panel, `"NULL"${nextSequence()}L0#${accountOf(n)}[]`)))
  const answered = answers.filter((frame) => frame.includes('"ACK"')).length
  return { pressed: [], heartbeats: { sent: count, answered }, tookMs: monotonicMs() - started }
}

let things: MqttClient[] = []

/** Of devices at the broker: how many were let in, and had their heartbeat acknowledged. */
async function overMqtt({ port, count }: PeersOrder & { do: 'mqtt' }): Promise<PeersAnswer> {
  for (const { socket } of panels.splice(0)) socket.destroy()
  for (const thing of things.splice(0)) thing.stream.destroy()
  const started = monotonicMs()
  let [next, answered] = [0, 0]
  const opened: MqttClient[] = []
  const worker = async () => {
    while (next < count) {
      const n = next++
      const localAddress = `127.0.1.${1 + Math.floor(n / perAddress)}`
      const thing = new MqttClient(() => connect({ port, host: '127.0.0.1', localAddress }), {
        username: accountOf(n),
        password: keyOf(n),
        keepalive: 600,
        reconnectPeriod: 0,
        connectTimeout: 120_000,
      })
      thing.on('error', () => {})
      await new Promise<void>((done) => thing.once('connect', () => done()).once('close', () => done()))
      opened.push(thing)
      if (!thing.connected) continue
      await thing.publishAsync(`care/bench/${accountOf(n)}/hb`, '{"t":"hb"}', { qos: 1 })
      answered++
    }
  }
  await Promise.all(Array.from({ length: openingAtOnce }, worker))
  things = opened
  return { pressed: [], heartbeats: { sent: count, answered }, tookMs: monotonicMs() - started }
}

process.on('message', async (order: PeersOrder) => {
  const started = monotonicMs()
  if (order.do === 'connect') {
    await openAll(order.port, order.count)
    process.send?.({ pressed: [], heartbeats: { sent: 0, answered: 0 }, tookMs: monotonicMs() - started })
  } else if (order.do === 'mqtt') process.send?.(await overMqtt(order))
  else process.send?.(await (order.do === 'report' ? report(order) : storm(order)))
})
process.on('disconnect', () => process.exit())
