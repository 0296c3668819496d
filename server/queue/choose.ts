import type { Need, Operator } from './model.ts'

/** Half the 30 s after which a leader hears of it, so that a second operator can still ring before. */
export const ringTimeoutMs = 15_000

/** A colleague who writes must finish their sentence; nobody is without an operator meanwhile. */
export const transferRingsMs = 30_000

export type Choice = {
  incidentId: string
  round: number
  operators: string[]
  reasons: string[]
  /** Those of them who are talking: it rings softly there. */
  soft: string[]
  extends: string | null
}

const skillFor = (incidentClass: number) =>
  incidentClass === 1 ? 'emergency' : incidentClass === 4 ? 'technical' : 'general'

/** Why this operator may take it, or undefined. Widened (10 s unanswered), language and skill no longer keep anyone out. */
export function qualification(need: Need, operator: Operator): string[] | undefined {
  if (!operator.paths.some((path) => need.areaPath.startsWith(path))) return undefined
  const wide = need.escalation >= 1
  // Whoever is on the line can only be answered with a telephone; nobody answering, anybody may see it.
  if (need.voice && !operator.voiceReady && !wide) return undefined
  const common = need.languages.find((language) => operator.languages.includes(language))
  const skilled = operator.skills.includes(skillFor(need.class))
  // A life does not wait for a language: whoever hears it can send somebody.
  if (!wide && !(skilled && (common || need.class === 1))) return undefined
  return [common ? `speaks:${common}` : 'language-widened', skilled ? `skill:${skillFor(need.class)}` : 'skill-widened']
}

/** Is anybody on duty who looks after this area and could be rung, now or when they are free? A break is not that. */
export const isAttended = (areaPath: string, operators: Pick<Operator, 'status' | 'paths'>[]): boolean =>
  operators.some(({ status, paths }) => status === 'available' && paths.some((path) => areaPath.startsWith(path)))

/**
 * Is a caller who still waits rung through? When nobody is on duty at once; else when they have waited too long, except for a
 * life, which stays with our own as long as any of them is there.
 */
export function overflowBecause(
  call: { class: number; waitedMs: number; overflowAfterMs: number },
  attended: boolean,
): 'nobody-live' | 'waited' | undefined {
  if (!attended) return 'nobody-live'
  return call.class > 1 && call.waitedMs >= call.overflowAfterMs ? 'waited' : undefined
}

/**
 * Ready for an ordinary one: nothing that they work on, nothing ringing. Whoever only waits for a helper to come is free for
 * the next, up to their capacity. Only class 1 may ring at somebody who is busy, and waiting for helpers keeps nobody from it.
 */
function ready(need: Need, operator: Operator): boolean {
  if (operator.status !== 'available') return false
  if (need.class === 1) return operator.active < operator.capacity
  if (operator.active > 0 || operator.wrappingUp || operator.ringing) return false
  return operator.awaitingHelp < operator.capacity
}

/**
 * Who hears which waiting incident. Needs come in the order of the queue. Class 1 rings at everybody who qualifies; others
 * at one operator: who handled the matter before, else the longest idle. Unanswered for 10 s, it rings wider. Whoever let
 * it pass is asked again only when nobody else is left.
 */
export function chooseOffers(needs: Need[], operators: Operator[]): Choice[] {
  const taken = new Set<string>()
  const choices: Choice[] = []
  const talking = new Set(operators.filter((operator) => operator.talking).map((operator) => operator.id))
  for (const need of needs) {
    if (need.ringing && !widens(need)) continue
    // The cheapest question first: with hundreds of each this is asked a hundred thousand times.
    const able = operators.filter(
      (operator) => !taken.has(operator.id) && ready(need, operator) && qualification(need, operator),
    )
    const chosen = need.ringing ? widen(need, able) : chooseFor(need, able)
    if (!chosen) continue
    const choice = {
      ...chosen,
      soft: chosen.operators.filter((id) => talking.has(id) && !need.ringing?.operators.includes(id)),
    }
    if (need.class !== 1) for (const id of choice.operators) taken.add(id)
    choices.push(choice)
  }
  return choices
}

function chooseFor(need: Need, able: Operator[]): Omit<Choice, 'soft'> | undefined {
  const fresh = able.filter((operator) => !need.passed.includes(operator.id))
  // A life rings on at all of them, also at those who let it pass.
  const asked = need.class === 1 || fresh.length === 0 ? able : fresh
  // Who talks, or follows helpers of others, is asked behind whoever has nothing at all.
  const longestIdle = [...asked].sort(
    (a, b) => Number(a.talking) - Number(b.talking) || a.awaitingHelp - b.awaitingHelp || a.idleSinceMs - b.idleSinceMs,
  )
  const sticky = asked.find((operator) => operator.id === need.stickyOperatorId)
  const everyone = need.class === 1 || need.escalation >= 1
  const chosen = everyone ? longestIdle : [sticky ?? longestIdle[0]].filter((operator) => operator !== undefined)
  const first = chosen[0]
  if (!first) return undefined
  const reason =
    need.class === 1 ? 'class-1-all' : everyone ? 'wider-group' : sticky ? 'handled-before' : 'longest-idle'
  return {
    incidentId: need.incidentId,
    round: need.round + 1,
    operators: chosen.map((operator) => operator.id),
    reasons: [reason, ...(qualification(need, first) ?? [])],
    extends: null,
  }
}

const widens = (need: Need) => need.class === 1 || need.escalation >= 1

/** An offer that rings already rings at more operators once the incident has escalated; nobody is taken out of it. */
function widen(need: Need, able: Operator[]): Omit<Choice, 'soft'> | undefined {
  if (!need.ringing) return undefined
  const more = able.filter((operator) => !need.ringing?.operators.includes(operator.id)).map((operator) => operator.id)
  if (more.length === 0) return undefined
  return {
    incidentId: need.incidentId,
    round: need.round,
    operators: [...need.ringing.operators, ...more],
    reasons: [need.class === 1 ? 'class-1-all' : 'wider-group'],
    extends: need.ringing.offerId,
  }
}
