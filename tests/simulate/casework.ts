import type { Random } from '../../prisma/demo/random.ts'
import type { IncidentDetail, IncidentRow } from '../../server/contracts/incidents.ts'
import type { Disposition } from '../../server/contracts/vocabulary.ts'
import { between, oneOf, takes } from './chance.ts'
import type { Desk } from './desk.ts'
import type { World } from './world.ts'

type Work = {
  id: string
  row: IncidentRow | undefined
  phase: 'triage' | 'helpers' | 'wrap-up'
  sent: number
  looking: boolean
  nextLook: number
}

const minute = 60_000
const triageMs = 50_000
const wrapUpMs = 25_000
const lookMs = 8_000
/** Whoever has sent somebody looks again by then, pushed or not. */
const lookAgainMs = 10 * minute
const holdMinutes = 30
/** What the talk finds out. */
const needs = { phone: 0.5, helper: 0.45, silence: 0.05 } as const
const gravely = { phone: 0.2, helper: 0.72, silence: 0.08 } as const
const twoHelpersShare = 0.1
const forgetsToCloseShare = 0.03
const dispatchesMax = 2
const helpFor: Record<string, string> = {
  fall: 'fall-help',
  smoke: 'fire-gas',
  gas: 'fire-gas',
  inactivity: 'care-visit',
}
const otherHelp = ['unwell', 'care-visit', 'home-help', 'company', 'transport', 'fall-help'] as const

/**
 * An operator's incidents, from answering to the outcome. One head: what takes attention is done one after the other, while
 * helpers are on their way the next one is taken. What somebody else took over, or the product took back, is let go.
 */
export function startCasework(world: World, desk: Desk, random: Random, told: { onClosed(): void }) {
  const hand = new Map<string, Work>()
  let freeAt = 0

  /** Done when the operator gets to it, if it is still theirs then. */
  function attend(work: Work, ms: number, what: () => Promise<void>): void {
    freeAt = Math.max(freeAt, world.now()) + ms
    world.after(freeAt - world.now(), () => (hand.get(work.id) === work ? what() : undefined))
  }
  const command = (work: Work, name: string, body: object = {}) =>
    desk.tell<IncidentRow>('POST', `/incidents/${work.id}/${name}`, body)

  async function answer(id: string): Promise<void> {
    const taken = await desk.tell<IncidentRow>('POST', `/incidents/${id}/answer`)
    if (taken.ok) take(taken.body)
  }

  function take(row: IncidentRow): void {
    if (hand.has(row.id)) return
    const work: Work = { id: row.id, row, phase: 'triage', sent: 0, looking: false, nextLook: 0 }
    hand.set(row.id, work)
    attend(work, takes(random, triageMs), () => triage(work))
  }

  async function triage(work: Work): Promise<void> {
    const detail = await desk.get<IncidentDetail>(`/incidents/${work.id}`)
    if (!detail) return
    const { row } = detail
    const classify = (catalogueCode: string) =>
      command(work, 'classify', { catalogueCode, class: row.class, answers: {} })
    if (detail.assignments.some((one) => one.status !== 'declined' && one.status !== 'expired')) return look(work)
    if (row.class >= 4) {
      await classify('device-check')
      return finish(work, 'equipment-fault')
    }
    const need = oneOf(random, row.class === 1 ? gravely : needs)
    if (need === 'phone') {
      await classify('unwell')
      return finish(work, random.pick(['helped-by-phone', 'accidental-press', 'no-help-needed'] as const))
    }
    if (need === 'silence' && (await command(work, 'no-response')).ok) return waitForHelpers(work)
    await classify(helpFor[row.kind] ?? random.pick(otherHelp))
    await send(work)
  }

  async function send(work: Work): Promise<void> {
    work.sent += 1
    const sent = await command(work, 'dispatch', { needed: random.chance(twoHelpersShare) ? 2 : 1 })
    if (sent.ok) return waitForHelpers(work)
    if (sent.code === 'nobody-free') return finish(work, 'handed-to-120')
  }

  /** Put aside while they are on their way; a matter of life is kept in hand. */
  async function waitForHelpers(work: Work): Promise<void> {
    work.phase = 'helpers'
    const row = work.row
    if (row && row.class > 1) await command(work, 'hold', { minutes: holdMinutes, reason: 'a helper is on the way' })
    lookLater(work)
  }
  function lookLater(work: Work, ms = lookAgainMs): void {
    const at = world.now() + ms
    work.nextLook = at
    world.after(ms, () => (hand.get(work.id) === work && work.nextLook === at ? look(work) : undefined))
  }

  async function look(work: Work): Promise<void> {
    work.looking = false
    if (work.phase === 'wrap-up') return
    const detail = await desk.get<IncidentDetail>(`/incidents/${work.id}`)
    if (!detail || detail.row.ownerId !== desk.id) return
    work.row = detail.row
    if (detail.assignments.some((one) => one.status === 'cleared') && detail.row.assignmentsOpen === 0)
      return finish(work, 'helped-on-site')
    const underWay = detail.row.assignmentsOpen > 0 || detail.row.ladderUntil !== null
    if (underWay) {
      const returned = detail.row.heldUntil === null && detail.row.class > 1 && detail.row.status === 'response'
      return returned ? waitForHelpers(work) : lookLater(work)
    }
    if (detail.row.catalogueCode && work.sent < dispatchesMax) return send(work)
    return finish(work, 'handed-to-120')
  }

  async function finish(work: Work, disposition: Disposition): Promise<void> {
    const resolved = await command(work, 'resolve')
    if (!resolved.ok) {
      if (resolved.code === 'responders-still-out') lookLater(work, minute)
      return
    }
    work.phase = 'wrap-up'
    work.nextLook = 0
    if (random.chance(forgetsToCloseShare)) return
    attend(work, takes(random, wrapUpMs, 0.4), async () => {
      const closed = await command(work, 'close', { disposition, note: '' })
      if (closed.ok) end(work)
    })
  }

  function end(work: Work): void {
    hand.delete(work.id)
    told.onClosed()
  }

  return {
    answer,
    inHand: () => hand.size,
    /** A row came, by push or because it was asked for. */
    see(row: IncidentRow): void {
      const work = hand.get(row.id)
      const mine = row.ownerId === desk.id && row.status !== 'closed'
      if (!work) {
        if (mine && row.status !== 'wrap-up') take(row)
        return
      }
      if (work.row && work.row.version > row.version) return
      work.row = row
      if (!mine) {
        hand.delete(row.id)
        return
      }
      // A new signal after it was resolved: it is open again, and talked about again.
      if (work.phase === 'wrap-up' && row.status !== 'wrap-up') {
        work.phase = 'triage'
        attend(work, takes(random, triageMs), () => triage(work))
      }
      const back = row.assignmentsOpen === 0 || (row.heldUntil === null && row.class > 1)
      if (work.phase === 'helpers' && back && !work.looking && row.ladderUntil === null) {
        work.looking = true
        attend(work, between(random, lookMs / 2, lookMs), () => look(work))
      }
    },
    /** The plug is pulled: whatever was going on is forgotten. */
    drop(): void {
      hand.clear()
      freeAt = 0
    },
    /** Back again: what is still theirs is looked at afresh. */
    async findAgain(): Promise<void> {
      const mine = await desk.get<{ items: IncidentRow[] }>('/incidents?mine=true&limit=50')
      for (const row of mine?.items ?? []) if (row.status !== 'closed' && row.status !== 'wrap-up') take(row)
    },
  }
}
