import type { Ledger } from '../../server/contracts/incidents.ts'
import { sitDown } from './desk.ts'
import type { World } from './world.ts'

const everyMs = 60_000

/** A supervisor asks for the ledger each minute, over the API, as the wallboard does. */
export async function watchLedger(
  world: World,
  account: { username: string; password: string },
  place: number,
): Promise<{ leave(): void }> {
  const desk = await sitDown(world, account, place, { row: () => {}, offer: () => {} })
  const ask = (): void =>
    world.after(everyMs, async () => {
      ask()
      const ledger = await desk.get<Ledger>('/ledger')
      if (!ledger) return void world.notes.faults.push('the ledger does not answer')
      world.notes.ledgerAsked += 1
      world.notes.breaches += ledger.breaches
      for (const id of ledger.breachedIds) world.notes.breachedIds.add(id)
    })
  ask()
  return { leave: desk.unplug }
}
