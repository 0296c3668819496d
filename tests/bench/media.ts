/**
 * Voice: what a leg costs the media process as it is built, beside a raw floor in the same run, rounds alternated, medians.
 * The peers are werift too and share the machine; what they use is printed beside, so that one sees who was short of it.
 */
import { cpus, loadavg } from 'node:os'
import { cpuShares, median, megabytes, percent, quantile, spread, wait } from './figures.ts'
import { acceptToAudio } from './media-accept.ts'
import { promptToEar } from './media-prompt.ts'
import { type Rig, startRig } from './media-rig.ts'

const quick = process.argv.includes('--quick')
const minutes = Number(process.argv[process.argv.indexOf('--minutes') + 1]) || (quick ? 0.1 : 1)
const rounds = quick ? 1 : 3
const roundMs = quick ? 2_000 : 5_000
const accepts = quick ? 20 : 60
const openings = quick ? 60 : 500
const openAtOnce = 20
const most = 50
const settleMs = 1_000

const rig = await startRig()
const pid = rig.media.pid() as number
console.log(`${cpus().length} cores; load before ${loadavg()[0]?.toFixed(1)}; the peers run on the same cores`)
try {
  await oursRound(2)
  await floorRound(2)
  const rest = await rig.memory()
  await costs()
  await rtpCosts()
  const accept = { alone: await acceptToAudio(rig, accepts), beside: [] as number[] }
  const talking = await rig.talk(most - 2)
  accept.beside = await acceptToAudio(rig, accepts)
  await rig.hush(talking)
  row('accept to audio, nobody else', spread(accept.alone))
  row(`accept to audio, beside ${most - 2} talking`, spread(accept.beside))
  await long(rest)
  await flat()
  row('leg set up (open-web to leg-up)', spread(rig.setUpMs))
  row('openings refused as overloaded', `${rig.refused.length}, asked again`)
  row('load of the machine after', `${loadavg()[0]?.toFixed(1)}`)
} finally {
  await rig.stop()
}
console.log(rig.faults.length > 0 ? `${rig.faults.length} things broken` : 'nothing broken')
process.exit(rig.faults.length > 0 ? 1 : 0)

function row(what: string, figure: string): void {
  console.log(`${what.padEnd(40)} ${figure}`)
}

async function oursRound(legs: number, way: 'web' | 'rtp' = 'web'): Promise<[number, number]> {
  const ids = await rig.talk(legs, way)
  await wait(settleMs)
  const [ours, peers] = await cpuShares([pid, rig.peers.pid], roundMs)
  await rig.hush(ids)
  return [ours as number, peers as number]
}

async function floorRound(legs: number): Promise<number> {
  await rig.peers.ask({ do: 'udp', ports: await rig.floor.ask<number[]>({ legs }) })
  await wait(settleMs)
  const [share] = await cpuShares([rig.floor.pid], roundMs)
  await rig.peers.ask({ do: 'udp', ports: [] })
  await rig.floor.ask({ legs: 0 })
  return share as number
}

async function costs(): Promise<void> {
  console.log('legs   floor CPU  legs/core    ours CPU  legs/core   ratio   peers CPU')
  for (const legs of [10, 25, most]) {
    const even = legs + (legs % 2) // they talk in pairs
    const [floors, ours, peers]: number[][] = [[], [], []]
    for (let i = 0; i < rounds; i++) {
      floors?.push(await floorRound(even))
      const [share, theirs] = await oursRound(even)
      ours?.push(share)
      peers?.push(theirs)
    }
    const [f, o, p] = [floors, ours, peers].map((list) => median(list ?? [])) as [number, number, number]
    const show = (share: number) => `${percent(share).padStart(9)}  ${(even / share).toFixed(0).padStart(9)}`
    console.log(
      `${String(even).padEnd(5)}  ${show(f)}   ${show(o)}   ${(f / o).toFixed(3)}   ${percent(p).padStart(9)}`,
    )
  }
}

/** SIP legs: plain RTP without ICE and DTLS, each pair recorded. */
async function rtpCosts(): Promise<void> {
  for (const legs of [most, 2 * most]) {
    const shares: number[] = []
    for (let i = 0; i < rounds; i++) shares.push((await oursRound(legs, 'rtp'))[0])
    const share = median(shares)
    row(`${legs} SIP legs, recorded`, `${percent(share)} of a core, ${(legs / share).toFixed(0)} legs/core`)
  }
  row('prompt to ear, nobody else', spread(await promptToEar(rig, accepts)))
  const talking = await rig.talk(most, 'rtp')
  row(`prompt to ear, beside ${most} SIP legs`, spread(await promptToEar(rig, accepts)))
  await rig.hush(talking)
}

async function long(rest: Awaited<ReturnType<Rig['memory']>>): Promise<void> {
  const ids = await rig.talk(most)
  await wait(2 * settleMs)
  await rig.peers.ask({ do: 'lateness' })
  rig.stats.length = 0
  const [ours, theirs] = await cpuShares([pid, rig.peers.pid], minutes * 60_000)
  const seconds = [...rig.stats]
  const peersLate = await rig.peers.ask<number>({ do: 'lateness' })
  const full = await rig.memory()
  await rig.hush(ids)
  const gaps = (which: 'underruns' | 'packetsLost') =>
    seconds.reduce((sum, one) => sum + one[which], 0) / ((most * seconds.length) / 60)
  const lags = seconds.map(({ tickLagMs }) => tickLagMs)
  console.log(`${most} legs talking and recorded for ${minutes} min: media ${percent(ours as number)} of a core`)
  row('worst tick lag of each second', `p50 ${median(lags)} ms, p99 ${quantile(lags, 0.99)} ms`)
  row('gaps a leg-minute', `${gaps('underruns').toFixed(2)} underruns, ${gaps('packetsLost').toFixed(2)} lost`)
  row(
    'the peers meanwhile',
    `${percent(theirs as number)} of a core, packets sent late by p99 ${peersLate.toFixed(1)} ms`,
  )
  if ((theirs as number) > 0.7 || peersLate > 20)
    console.log('  the peers were short of CPU or late by a packet: gaps and lag above are partly theirs')
  row('media process at rest (RSS, after gc)', megabytes(rest.rss))
  row(
    'per leg, talking and recorded',
    `${megabytes((full.rss - rest.rss) / most)} RSS, ${megabytes((full.heap - rest.heap) / most)} heap`,
  )
}

/** Opens and closes; heap after gc before, in the middle and after. What grows in the second half is a leak. */
async function flat(): Promise<void> {
  const seen = [await rig.memory()]
  for (let i = 0; i < openings; i += openAtOnce) {
    const ids: string[] = []
    for (let n = 0; n < openAtOnce; n++) ids.push(await rig.open('caller'))
    await rig.close(ids)
    if (i + openAtOnce === Math.ceil(openings / 2 / openAtOnce) * openAtOnce) seen.push(await settled())
  }
  seen.push(await settled())
  const show = (which: 'heap' | 'rss') => seen.map((one) => megabytes(one[which])).join(' → ')
  const grownKb = (((seen[2]?.heap ?? 0) - (seen[1]?.heap ?? 0)) / 1_024 / openings) * 2
  const verdict = grownKb < 2 ? 'flat' : 'growing'
  row(
    `heap, ${openings} legs opened and closed`,
    `${show('heap')}: ${verdict}, ${grownKb.toFixed(1)} kB a leg in the second half`,
  )
  row('RSS meanwhile', show('rss'))
}

async function settled(): ReturnType<Rig['memory']> {
  await wait(3 * settleMs) // closing sockets takes a moment
  return rig.memory()
}
