import { handedClock } from '../../server/platform/clock.ts'
import { sweep } from '../../server/wiring/sweep.ts'
import { hangUp } from './ask.ts'
import { streamOf } from './chance.ts'
import { startDevice } from './devices.ts'
import { makeFence } from './fence.ts'
import { watchLedger } from './ledger.ts'
import { takeNotes } from './notes.ts'
import { startOperator } from './operators.ts'
import { type Centre, type Profile, startCentre } from './profiles.ts'
import { untilQuiet } from './quiet.ts'
import { type Message, startResponders } from './responders.ts'
import { makeTimeline } from './timeline.ts'
import type { World } from './world.ts'

export type Scenario = {
  residents: number
  minutes: number
  operators: number
  seed: number
  profile: Profile
  pressesPerHour: number
}
export type Ran = Awaited<ReturnType<typeof simulate>>

/** The virtual clock stops at whole fifths of a second: what falls into the same one happens at once, as people and timers do. */
const stepMs = 200
// As often as the product sweeps by itself, in virtual time.
const sweepEveryMs = 5_000
// The last messages are asked for again, so that one which committed late is not missed.
const messagesOverlapMs = 60_000

/**
 * Runs a centre for some virtual minutes. Time is handed to the product: it goes on to the next thing that somebody does or
 * that a timer is set for, and stands still until all that follows from it is done and has reached everybody who listens.
 * The centre is left running, for the checks; `close` ends it.
 */
export async function simulate(scenario: Scenario, tell: (line: string) => void = () => {}) {
  const clock = handedClock(new Date())
  const centre = await startCentre(scenario.profile, clock, process.env)
  try {
    return await runCentre(scenario, centre, clock, tell)
  } catch (error) {
    hangUp()
    await centre.close()
    throw error
  }
}

async function runCentre(
  scenario: Scenario,
  centre: Centre,
  clock: ReturnType<typeof handedClock>,
  tell: (line: string) => void,
) {
  const { products, db } = centre
  const timeline = makeTimeline()
  const notes = takeNotes()
  const begin = clock.now().getTime()
  const end = begin + scenario.minutes * 60_000
  const world: World = {
    now: () => clock.now().getTime(),
    after: (ms, what) => timeline.at(clock.now().getTime() + Math.max(0, ms), what),
    random: (name) => streamOf(scenario.seed, name),
    urls: centre.urls,
    fence: makeFence(products.map((product) => product.parts.realtime)),
    notes,
  }
  const seats = await takeSeats(world, centre, scenario)
  const responders = startResponders(world)
  for (const device of await devicesFor(centre, scenario)) startDevice(world, device, scenario.pressesPerHour)
  every(world, sweepEveryMs, async () => {
    for (const { parts } of centre.workers) {
      await sweep(parts)
      // Its own count, taken before it mends: a timer that was lost between two askings shows here.
      const { values } = await parts.metrics.ledgerBreaches.get()
      notes.breaches += values[0]?.value ?? 0
    }
  })

  const delivered = new Set<string>()
  const deliver = (messages: Message[]) => {
    for (const message of messages) {
      if (delivered.has(message.id)) continue
      delivered.add(message.id)
      responders.hear(message)
    }
  }
  const settle = async () => {
    const now = clock.now()
    const { next, messages } = await untilQuiet({ products, db }, now, new Date(now.getTime() - messagesOverlapMs))
    await world.fence.pass(now.toISOString())
    deliver(messages)
    return next
  }

  const realBegin = performance.now()
  let stops = 0
  let nextTimer = await settle()
  for (let now = begin; now < end; stops++) {
    const next = Math.min(timeline.next(), nextTimer, end)
    now = Math.max(now + stepMs, Math.ceil(next / stepMs) * stepMs)
    const minute = Math.floor((now - begin) / 60_000)
    if (minute % 10 === 0 && minute > Math.floor((clock.now().getTime() - begin) / 60_000))
      tell(`${minute} min: ${notes.acknowledged.size} alarms acknowledged, ${notes.breaches} ledger breaches`)
    clock.set(new Date(now))
    await Promise.all(timeline.due(now).map((what) => what()))
    nextTimer = await settle()
  }
  const realMs = performance.now() - realBegin
  return {
    scenario,
    centre,
    clock,
    notes,
    stops,
    virtualMs: clock.now().getTime() - begin,
    realMs,
    async close() {
      for (const seat of seats) seat.leave()
      hangUp()
      await centre.close()
    },
  }
}

function every(world: World, ms: number, what: () => Promise<void>): void {
  world.after(ms, async () => {
    every(world, ms, what)
    await what()
  })
}

async function takeSeats(world: World, centre: Centre, { operators }: Scenario): Promise<{ leave(): void }[]> {
  const { accounts } = centre.demo
  const people = accounts.filter((account) => account.role === 'operator')
  if (operators > people.length) throw new Error(`the fictional district has ${people.length} operators`)
  const supervisor = accounts.find((account) => account.role === 'supervisor')
  if (!supervisor) throw new Error('nobody supervises')
  const seats = []
  for (const [place, account] of people.slice(0, operators).entries())
    seats.push(await startOperator(world, account, place))
  return [...seats, await watchLedger(world, supervisor, operators)]
}

/** Those of the first residents with a device in service, shuffled by the seed. */
async function devicesFor(centre: Centre, { residents, seed }: Scenario) {
  const rows = await centre.db.query<{ id: string; account: string }>(
    `SELECT DISTINCT ON (resident_id) id, account FROM device WHERE protocol = 'http' AND state = 'in-service' AND resident_id IS NOT NULL ORDER BY resident_id, account`,
  )
  if (residents > rows.length)
    throw new Error(`the fictional district has ${rows.length} residents with a device in service`)
  const keys = new Map(centre.demo.devices.map((device) => [device.id, device.key]))
  rows.sort((a, b) => a.account.localeCompare(b.account))
  return streamOf(seed, 'residents')
    .some(rows, residents)
    .map((row) => ({ ...row, key: keys.get(row.id) as string }))
}
