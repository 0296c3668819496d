import type { OfferView } from '../../server/contracts/queue.ts'
import { startCasework } from './casework.ts'
import { between, takes, untilNext } from './chance.ts'
import { sitDown } from './desk.ts'
import type { World } from './world.ts'

const minute = 60_000
/** From the ring to the key, by somebody who sits there. */
const reactionMs = 4_000
/** With somebody else in hand it takes longer. */
const busyMoreMs = 10_000
const declinesShare = 0.03
const letsRingOutShare = 0.04
const goneEveryMs = 90 * minute
const breakShare = 0.06

/** An operator: hears an offer, takes it, declines it or lets it ring; works; rests; sometimes the plug is pulled. */
export async function startOperator(
  world: World,
  account: { username: string; password: string },
  place: number,
): Promise<{ leave(): void }> {
  const random = world.random(`operator:${account.username}`)
  const considered = new Set<string>()
  let there = true
  const desk = await sitDown(world, account, place, { row: (row) => work.see(row), offer: considerOffer })
  const work = startCasework(world, desk, random, { onClosed: mayRest })
  await desk.connect()
  await desk.available()
  plugIsPulled()
  return { leave: desk.unplug }

  function considerOffer(offer: OfferView, by: 'push' | 'asking'): void {
    if (offer.status !== 'ringing' || !offer.operators.includes(desk.id) || considered.has(offer.id)) return
    considered.add(offer.id)
    if (by === 'push') world.notes.heardByPush += 1
    else world.notes.heardByAsking += 1
    const what = random.next()
    const ms = takes(random, reactionMs, 0.6) + (work.inHand() > 0 ? between(random, 0, busyMoreMs) : 0)
    if (what < declinesShare) world.after(ms, () => whenThere(() => desk.tell('POST', `/offers/${offer.id}/decline`)))
    else if (what < declinesShare + letsRingOutShare) return
    else world.after(ms, () => whenThere(() => work.answer(offer.incidentId)))
  }

  async function whenThere(what: () => Promise<unknown>): Promise<void> {
    if (there) await what()
  }

  function mayRest(): void {
    if (!random.chance(breakShare)) return
    world.after(0, async () => {
      if (!there) return
      world.notes.breaks += 1
      await desk.rest()
      world.after(between(random, 5 * minute, 15 * minute), async () => void (await desk.available()))
    })
  }

  function plugIsPulled(): void {
    world.after(untilNext(random, goneEveryMs), () => {
      there = false
      world.notes.gone += 1
      work.drop()
      considered.clear()
      desk.unplug()
      world.after(between(random, 0.5 * minute, 5 * minute), async () => {
        there = true
        await desk.connect()
        await work.findAgain()
        plugIsPulled()
      })
    })
  }
}
