import pg from 'pg'
import { readDemo } from '../support/product.ts'
import { checkCalls, checkRows, checkTimers } from './books.ts'
import { startCalling } from './calling.ts'
import { startPressing } from './pressing.ts'
import type { Rig } from './rig.ts'
import { startWorking } from './working.ts'

const kills = 4
const lanes = 8
const callers = 3
const desks = ['op01', 'op02', 'op03', 'op04']
const underFireMs = { least: 300, most: 1_500 }
const settleMsMax = 90_000
const ringsMsMax = 30_000
const firstSequence = 5_000_000

export type Outcome = {
  acknowledged: number
  again: number
  longestMs: number
  incidents: number
  /** Calls that were taken, and of those the ones that a kill cut off. */
  calls: number
  cutOff: number
  /** After a kill: from the moment when all is up again until who had waited to be rung at a desk was looked at, ms. */
  ringsAfterMs: number
  killed: string[]
  faults: string[]
}

/** A number that follows from the seed alone. */
function chance(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c_1b_3c_6d) + 0x9e_37_79_b9) >>> 0
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32
  }
}

/**
 * Alarms pour in and operators answer them while processes are killed, one after the other and at moments that follow from
 * the seed; then everybody finishes, and the books are held against what the devices were told.
 */
export async function underFire(rig: Rig, seed: number): Promise<Outcome> {
  const random = chance(seed)
  const killed: string[] = []
  let ringsAfterMs = 0
  // Each kind once at least over a few seeds; in which order and when is chance.
  const order = [...rig.kinds, ...rig.kinds].sort(() => random() - 0.5).slice(0, kills)
  const outcome = await whilePressed(rig, seed, async () => {
    for (const what of order) {
      await later(underFireMs.least + random() * (underFireMs.most - underFireMs.least))
      if (rig.kill(what)) killed.push(what)
      await rig.whole()
      ringsAfterMs = Math.max(ringsAfterMs, await untilRings(rig))
    }
  })
  return { ...outcome, killed, ringsAfterMs }
}

/** From now until everybody who waited to be rung at a desk has been looked at, ms: who had been taken up by a dead process, too. */
async function untilRings(rig: Rig): Promise<number> {
  const from = performance.now()
  const db = new pg.Client({ connectionString: rig.databaseUrl() })
  await db.connect()
  const { rows } = await db.query<{ id: string }>(
    `SELECT id FROM outbox WHERE kind = 'route-incident' AND due_at <= now()`,
  )
  for (let left = rows.length; left > 0 && performance.now() - from < ringsMsMax; await later(50))
    left = (await db.query('SELECT 1 FROM outbox WHERE id = ANY ($1)', [rows.map(({ id }) => id)])).rowCount ?? 0
  await db.end()
  return Math.round(performance.now() - from)
}

/** The same while every process is replaced, one after the other. */
export const whileRolling = (rig: Rig, seed: number): Promise<Outcome> =>
  whilePressed(rig, seed, async () => {
    await later(underFireMs.least)
    await rig.roll?.()
  })

async function whilePressed(rig: Rig, seed: number, fire: () => Promise<void>): Promise<Outcome> {
  const demo = readDemo(rig.dataDir)
  const devices = demo.devices.filter((device) => device.protocol === 'http').slice(0, 80)
  const people = demo.accounts.filter((account) => desks.includes(account.username))
  const calling = startCalling(rig.url, callers, 15_700_000_000 + (seed % 10_000) * 1_000, chance(seed + 1))
  const operators = people.map((account) => startWorking(rig.url, account))
  const pressing = startPressing(rig.url, devices, lanes, firstSequence + seed * 100_000)
  await fire()
  // Now people wait: whatever was killed, each of them has a timer that runs.
  const faults = await whoWaitsHasATimer(rig)
  await later(underFireMs.least)
  await pressing.end()
  await calling.end()
  faults.push(...(await untilAnswered(rig)))
  for (const operator of operators) await operator.end()
  const db = new pg.Client({ connectionString: rig.databaseUrl() })
  await db.connect()
  faults.push(...(await checkRows(db, pressing.acknowledged, firstSequence + seed * 100_000)))
  faults.push(...pressing.strange().map((status) => `a good press was answered ${status}`))
  faults.push(...(await checkCalls(db, calling.taken)))
  const answered = new Set(operators.flatMap((operator) => [...operator.answered]))
  await db.end()
  const { acknowledged } = pressing
  return {
    acknowledged: acknowledged.length,
    again: pressing.again(),
    longestMs: Math.round(pressing.longestMs()),
    incidents: answered.size,
    calls: calling.taken.length,
    cutOff: calling.cutOff(),
    ringsAfterMs: 0,
    killed: [],
    faults,
  }
}

async function whoWaitsHasATimer(rig: Rig): Promise<string[]> {
  await rig.whole()
  const db = new pg.Client({ connectionString: rig.databaseUrl() })
  await db.connect()
  let { seen, faults } = await checkTimers(db)
  for (let looks = 0; seen === 0 && looks < 50; looks++) {
    await later(100) // presses go on: somebody waits in a moment
    ;({ seen, faults } = await checkTimers(db))
  }
  await db.end()
  return seen > 0 ? faults : ['nobody waited: nothing was checked']
}

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Waits until nobody waits any more; who still waits then is a fault. */
async function untilAnswered(rig: Rig): Promise<string[]> {
  const until = Date.now() + settleMsMax
  for (;;) {
    await rig.whole()
    const db = new pg.Client({ connectionString: rig.databaseUrl() })
    try {
      await db.connect()
      const { rows } = await db.query<{ id: string; status: string }>(
        `SELECT id, status FROM incident WHERE status IN ('waiting', 'triage', 'response')`,
      )
      if (rows.length === 0) return []
      if (Date.now() > until) return rows.map(({ id, status }) => `incident ${id} is still ${status}`)
    } catch (error) {
      if (Date.now() > until) return [(error as Error).message]
    } finally {
      await db.end().catch(() => {})
    }
    await later(300)
  }
}
