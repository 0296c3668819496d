import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromMuLaw } from '../../telephony/media/g711.ts'
import type { MediaCommand, MediaEvent, MediaStats } from '../../telephony/media/protocol.ts'
import { readRecording } from '../../telephony/media/recording.ts'
import { startMediaProcess } from '../../telephony/media-process/start.ts'
import { power } from '../support/tones.ts'
import { monotonicMs, wait } from './figures.ts'
import type { FloorCommand } from './media-floor.ts'
import type { PeersCommand } from './media-peers.ts'
import { startHelper } from './media-wire.ts'

const root = join(import.meta.dirname, '../..')
const upMsMax = 10_000
const againMs = 500
const againMax = 20
const tones = { caller: 400, operator: 1_000 } // whole waves in 20 ms

/** The built media process, its peers and the floor, each a process of its own. */
export async function startRig() {
  const dir = mkdtempSync(join(tmpdir(), 'yihu-media-bench-'))
  const key = randomBytes(32)
  const faults: string[] = []
  const refused: string[] = []
  const setUpMs: number[] = []
  const stats: MediaStats[] = []
  const ups = new Map<string, () => void>()
  const recorded = new Map<string, number>()
  const memories: { heap: number; rss: number }[] = []
  let recordings: string[] = []
  let count = 0
  const fault = (what: string) => {
    if (faults.push(what) <= 10) console.log(`BROKEN: ${what}`)
  }

  function onEvent(event: MediaEvent): void {
    if (event.event === 'leg-up') ups.get(event.legId)?.()
    else if (event.event === 'leg-down') fault(`${event.legId} went down: ${event.because}`)
    else if (event.event === 'recorded') recorded.set(event.recordingId, event.durationMs)
    else if (event.event === 'stats') stats.push(event.stats)
  }
  function warn(what: object): void {
    const [, heap, rss] = /^memory (\d+) (\d+)/.exec((what as { line?: string }).line ?? '') ?? []
    if (heap && rss) memories.push({ heap: Number(heap), rss: Number(rss) })
    else console.log(`media process: ${JSON.stringify(what)}`)
  }
  const media = startMediaProcess({
    entry: [join(root, 'dist/server/media.js'), '--expose-gc', '--import', join(import.meta.dirname, 'media-heap.mjs')],
    settings: { legsMax: 200, iceServers: [], publicAddresses: ['127.0.0.1'], portRange: null },
    log: { warn, info() {} },
    onEvent,
    onDeath: () => fault('the media process died'),
  })
  const peers = startHelper<PeersCommand>('media-peers.ts')
  const floor = startHelper<FloorCommand>('media-floor.ts')
  await peers.ask({ do: 'lateness' })
  await floor.ask({ legs: 0 })
  while (!media.ready()) await wait(20)

  async function command(order: MediaCommand): Promise<string> {
    let answer = await media.command(order)
    // Many handshakes in a row look like too many calls, and on a busy machine are: whoever is refused calls again.
    for (let i = 0; i < againMax && 'refused' in answer && answer.refused === 'overloaded'; i++) {
      refused.push(order.do)
      await wait(againMs)
      answer = await media.command(order)
    }
    if ('refused' in answer) fault(`${order.do} refused: ${answer.refused}`)
    return 'sdp' in answer ? (answer.sdp ?? '') : ''
  }

  async function openRtp(who: keyof typeof tones): Promise<string> {
    const id = `${who}-${++count}`
    const up = new Promise<true>((resolve) => ups.set(id, () => resolve(true)))
    const sdp = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0 101\r\n'
    const answer = await command({ do: 'open-rtp', legId: id, sdp: `${sdp}a=rtpmap:101 telephone-event/8000\r\n` })
    await peers.ask({ do: 'rtp', id, hz: tones[who], port: Number(/m=audio (\d+)/.exec(answer)?.[1]) })
    if (!(await Promise.race([up, wait(upMsMax)]))) fault(`${id} did not come up`)
    ups.delete(id)
    return id
  }

  async function open(who: keyof typeof tones): Promise<string> {
    const id = `${who}-${++count}`
    const offer = await peers.ask<string>({ do: 'open', id, hz: tones[who] })
    const up = new Promise<true>((resolve) => ups.set(id, () => resolve(true)))
    const before = refused.length
    const since = monotonicMs()
    const sdp = await command({ do: 'open-web', legId: id, sdp: offer })
    if (sdp) await peers.ask({ do: 'accept', id, sdp })
    if (!(await Promise.race([up, wait(upMsMax)]))) fault(`${id} did not come up`)
    else if (refused.length === before) setUpMs.push(monotonicMs() - since)
    ups.delete(id)
    return id
  }

  const close = async (ids: string[]) => {
    for (const legId of ids) await command({ do: 'close-leg', legId })
    await peers.ask({ do: 'close', ids })
  }

  /** Pairs that talk, each recorded. */
  async function talk(legs: number, way: 'web' | 'rtp' = 'web'): Promise<string[]> {
    const openOne = way === 'web' ? open : openRtp
    const ids: string[] = []
    for (let i = 0; i < legs; i += 2) {
      const pair = [await openOne('caller'), await openOne('operator')]
      const roomId = `room-${pair[0]}`
      await command({ do: 'bridge', roomId, legIds: pair })
      const to = { recordingId: roomId, file: join(dir, roomId), keyHex: key.toString('hex'), left: pair.slice(0, 1) }
      await command({ do: 'record', roomId, to })
      recordings.push(roomId)
      ids.push(...pair)
    }
    return ids
  }

  /** Ends all talks, and hears whether each recording has the caller on its left and the operator on its right. */
  async function hush(ids: string[]): Promise<void> {
    for (const roomId of recordings) await command({ do: 'bridge', roomId, legIds: [] })
    await close(ids)
    for (let i = 0; i < 50 && recordings.some((id) => !recorded.has(id)); i++) await wait(50)
    for (const id of recordings) {
      const chunks: Buffer[] = []
      for await (const chunk of readRecording(join(dir, id), key)) chunks.push(chunk)
      const sound = Buffer.concat(chunks.slice(-2))
      const side = (which: number, hz: number) => power(fromMuLaw(sound.filter((_, i) => (i & 1) === which)), hz)
      if (!recorded.get(id) || side(0, tones.caller) < 0.5 || side(1, tones.operator) < 0.5)
        fault(`recording ${id} empty`)
      rmSync(join(dir, id))
    }
    recordings = []
  }

  async function memory(): Promise<{ heap: number; rss: number }> {
    const before = memories.length
    process.kill(media.pid() as number, 'SIGUSR2')
    while (memories.length === before) await wait(20)
    return memories.at(-1) as { heap: number; rss: number }
  }

  async function stop(): Promise<void> {
    await media.stop()
    peers.stop()
    floor.stop()
    rmSync(dir, { recursive: true, force: true })
  }

  return { media, peers, floor, faults, refused, setUpMs, stats, tones, command, open, close, talk, hush, memory, stop }
}

export type Rig = Awaited<ReturnType<typeof startRig>>
