import pg from 'pg'
import { readDemo } from '../support/product.ts'
import { checkRows, checkTimers } from './books.ts'
import { startPressing } from './pressing.ts'
import type { Rig } from './rig.ts'
import { startWorking } from './working.ts'

const kills = 4
const lanes = 8
const desks = ['op01', 'op02', 'op03', 'op04']
const underFireMs = { least: 300, most: 1_500 }
const settleMsMax = 90_000
const firstSequence = 5_000_000

export type Outcome = {
  acknowledged: number
  again: number
  longestMs: number
  incidents: number
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
  // Each kind once at least over a few seeds; in which order and when is chance.
  const order = [...rig.kinds, ...rig.kinds].sort(() => random() - 0.5).slice(0, kills)
  const outcome = await whilePressed(rig, seed, async () => {
    for (const what of order) {
      await later(underFireMs.least + random() * (underFireMs.most - underFireMs.least))
      if (rig.kill(what)) killed.push(what)
      await rig.whole()
    }
  })
  return { ...outcome, killed }
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
  const operators = people.map((account) => startWorking(rig.url, account))
  const pressing = startPressing(rig.url, devices, lanes, firstSequence + seed * 100_000)
  await fire()
  // Now people wait: whatever was killed, each of them has a timer that runs.
  const faults = await whoWaitsHasATimer(rig)
  await later(underFireMs.least)
  await pressing.end()
  faults.push(...(await untilAnswered(rig)))
  for (const operator of operators) await operator.end()
  const db = new pg.Client({ connectionString: rig.databaseUrl() })
  await db.connect()
  faults.push(...(await checkRows(db, pressing.acknowledged, firstSequence + seed * 100_000)))
  faults.push(...pressing.strange().map((status) => `a good press was answered ${status}`))
  const answered = new Set(operators.flatMap((operator) => [...operator.answered]))
  await db.end()
  const { acknowledged } = pressing
  return {
    acknowledged: acknowledged.length,
    again: pressing.again(),
    longestMs: Math.round(pressing.longestMs()),
    incidents: answered.size,
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
