import type { ToldBy } from '../contracts/vocabulary.ts'
import type { Candidate } from './model.ts'

/** A real way is longer than the straight line: what streets add on average in a town. */
const detour = 1.3
const metresPerMinute = { foot: 75, bicycle: 200, car: 400 } as const
const startMinutes = { foot: 1, bicycle: 2, car: 4 } as const
/** Where somebody was an hour ago they may still be; where they were yesterday says little of how far it is. */
const positionOldMs = 60 * 60_000
const positionVeryOldMs = 12 * 60 * 60_000
const waveMax = 5
const waveSure = 0.9

export const waveAnswerMs = 60_000
export const wavesMax = 3
/** A page that is looked at says so within a second; a minute is all the time that they have to answer. */
export const pageAnswersWithinMs = 5_000

/**
 * How a responder is asked, when there is more than their page: as they want it, if that can be. A way that is closed is
 * replaced by one that is open; without any the message is left to be seen that it did not go.
 */
export function wayTo(
  toldBy: ToldBy,
  { messages, rings, pageOpen }: { messages: boolean; rings: boolean; pageOpen: boolean },
): 'call' | 'message' | 'page' {
  if (toldBy === 'call' && rings) return 'call'
  if (toldBy === 'app' && pageOpen) return 'page'
  return !messages && !pageOpen && rings ? 'call' : 'message'
}

export type Ranked = Candidate & { travelMinutes: number; score: number; reasons: string[] }

/** Minutes to be there by the responder's own means; the embedded stand-in for a road router. */
export function travelMinutes(distanceM: number, travel: Candidate['travel']): number {
  return Math.ceil(startMinutes[travel] + (distanceM * detour) / metresPerMinute[travel])
}

/** Odds that somebody accepts, from what they did before; a new one starts at three of five. */
export const acceptance = ({ offersMade, offersAccepted }: Pick<Candidate, 'offersMade' | 'offersAccepted'>): number =>
  (offersAccepted + 3) / (offersMade + 5)

/**
 * Best first; who was asked for this incident already stands behind all others, whatever came of it. The score is in
 * minutes: travel, plus what each drawback is worth in minutes; every part is a reason.
 */
export function rank(candidates: Candidate[], need: { language: string; now: Date }): Ranked[] {
  return candidates
    .map((candidate) => score(candidate, need))
    .sort(
      (a, b) => Number(a.asked !== null) - Number(b.asked !== null) || a.score - b.score || a.distanceM - b.distanceM,
    )
}

function score(candidate: Candidate, need: { language: string; now: Date }): Ranked {
  const minutes = travelMinutes(candidate.distanceM, candidate.travel)
  const odds = acceptance(candidate)
  const parts: [number, string][] = [
    [minutes, `minutes:${minutes}`],
    candidate.languages.includes(need.language) ? [0, `speaks:${need.language}`] : [6, `no-language:${need.language}`],
    candidate.openAssignments > 0 ? [8 * candidate.openAssignments, `load:${candidate.openAssignments}`] : [0, 'free'],
    [Math.round((1 - odds) * 8), `accepts:${Math.round(odds * 100)}`],
  ]
  if (candidate.family) parts.push([0, 'family'])
  if (candidate.helpedBefore) parts.push([-4, 'helped-before'])
  const knownForMs = need.now.getTime() - candidate.positionAt.getTime()
  if (knownForMs > positionOldMs) parts.push([knownForMs > positionVeryOldMs ? 10 : 3, 'position-old'])
  return {
    ...candidate,
    travelMinutes: minutes,
    score: parts.reduce((sum, [value]) => sum + value, 0),
    reasons: parts.map(([, reason]) => reason),
  }
}

/** As many of the best, not asked yet, as make it likely that enough accept; never a crowd. */
export function chooseWave(ranked: Ranked[], needed: number): Ranked[] {
  const free = ranked.filter((candidate) => candidate.asked === null)
  const chosen: Ranked[] = []
  for (const candidate of free) {
    if (chosen.length >= waveMax || (chosen.length >= needed && oddsOf(chosen, needed) >= waveSure)) break
    chosen.push(candidate)
  }
  return chosen
}

/** The probability that at least `needed` of these accept, each by their own odds. */
export function oddsOf(asked: Pick<Candidate, 'offersMade' | 'offersAccepted'>[], needed: number): number {
  let ways = [1] // ways[k]: probability that exactly k accept
  for (const candidate of asked) {
    const p = acceptance(candidate)
    ways = [...ways, 0].map((exactly, k) => exactly * (1 - p) + (ways[k - 1] ?? 0) * p)
  }
  return ways.slice(needed).reduce((sum, p) => sum + p, 0)
}
