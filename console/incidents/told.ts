import type { FactView } from '../../server/contracts/incidents.ts'

type Said = { catalogueCode: string; class: number; answers: Record<string, string>; lowerBecause?: string }
/** A row of the timeline: a fact as it is, or one of the things that a single "classified" says. */
export type Line = { id: string; fact: FactView } & (
  | { says: 'fact' | 'class' }
  | { says: 'answer'; question: string; answer: string }
)

/**
 * Oldest first. Each answer of the triage is stored as a whole new classification; told is only what is new against the one
 * before: the choice of the service once, each answer once, the class when it changes. Pure.
 */
export function linesOf(facts: FactView[]): Line[] {
  let before: Said | undefined
  return facts.flatMap((fact): Line[] => {
    const id = String(fact.seq)
    if (fact.type !== 'classified') return [{ id, fact, says: 'fact' }]
    const said = fact.data as Said
    const same = before?.catalogueCode === said.catalogueCode ? before : undefined
    const lines: Line[] = same ? [] : [{ id, fact, says: 'fact' }]
    for (const [question, answer] of Object.entries(said.answers ?? {}))
      if (same?.answers[question] !== answer)
        lines.push({ id: `${id}.${question}`, fact, says: 'answer', question, answer })
    if (same && same.class !== said.class) lines.push({ id: `${id}.class`, fact, says: 'class' })
    before = said
    return lines
  })
}

/** A sentence without the brackets and colons that nothing was said in. Pure. */
export const tidy = (sentence: string): string =>
  sentence
    .replace(/\s*(\(\s*\)|\uff08\s*\uff09)/g, '')
    .replace(/\s*[:\uff1a]\s*$/, '')
    .trim()

const inOwnWords = /^SCAIP /
const placeIn = / lco (\d{3})(?= |$)/

/** The code of the place that a unit named, as its protocol has it; undefined when it named none. Pure. */
export const placeOf = (said: string): string | undefined =>
  inOwnWords.test(said) ? placeIn.exec(said)?.[1] : undefined

/** What we said ourselves of a device: the code and its numbers; undefined for a device's own words. Pure. */
export function oursOf(said: string): { code: string; a?: string; b?: string } | undefined {
  const [, code, a, b] = /^yihu: ([a-z-]+)(?: (\d+))?(?: (\d+))?$/.exec(said) ?? []
  return code === undefined ? undefined : { code, ...(a && { a }), ...(b && { b }) }
}

/** What a device said, with the word for its place where there is one, and its codes as they came. Pure. */
export function inWords(said: string, word: (code: string) => string | undefined): string {
  const place = placeOf(said)
  const name = place && word(place)
  return name ? `${name} · ${said.replace(placeIn, '')}` : said
}
