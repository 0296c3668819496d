import type { Language, OfferStatus } from '../contracts/vocabulary.ts'

/** A waiting incident as the router sees it. */
export type Need = {
  incidentId: string
  class: number
  areaPath: string
  /** Any of these will do: the resident's own, else that of the incident. */
  languages: Language[]
  escalation: number
  /** Somebody waits on the line. */
  voice: boolean
  stickyOperatorId: string | null
  round: number
  /** Who declined or let it ring out, in any round. */
  passed: string[]
  /** The offer that rings now, if any, and at whom. */
  ringing: { offerId: string; operators: string[] } | null
}

/** An operator whose console is alive. */
export type Operator = {
  id: string
  status: 'available' | 'break' | 'away'
  paths: string[]
  skills: string[]
  languages: string[]
  capacity: number
  /** Incidents that they work on; not those put aside, nor those that wait for a helper. */
  active: number
  /** Incidents of theirs that only wait for a helper to come, or to have done. */
  awaitingHelp: number
  /** Somebody is on the line with them. */
  talking: boolean
  wrappingUp: boolean
  /** Their telephone is connected, and nobody talks on it. */
  voiceReady: boolean
  idleSinceMs: number
  /** An ordinary offer rings here already. */
  ringing: boolean
}

export type Offer = {
  id: string
  incidentId: string
  round: number
  operators: string[]
  declined: string[]
  status: OfferStatus
  reasons: string[]
  createdAt: Date
  expiresAt: Date
  acceptedBy: string | null
  /** Who hands it over; null when it comes from the queue. */
  fromId: string | null
  /** At whom it rings softly, because they were talking when it began. */
  soft: string[]
  version: number
  seq: number
}
