import type { AssignmentStatus } from '../contracts/vocabulary.ts'

/** One responder for one incident. */
export type Assignment = {
  id: string
  incidentId: string
  responderId: string
  wave: number
  status: AssignmentStatus
  reasons: string[]
  /** Null when it is not known where they are, or where help is needed. */
  distanceM: number | null
  travelMinutes: number | null
  requestedAt: Date
  expiresAt: Date
  acceptedAt: Date | null
  enRouteAt: Date | null
  onSceneAt: Date | null
  endedAt: Date | null
  promiseAt: Date
  /** Since when it is known that the request does not reach them. */
  undeliveredAt: Date | null
  /** Since when it is known to stand on their page. */
  shownAt: Date | null
  reason: string | null
  note: string
  version: number
  seq: number
}

/** Somebody near who could go. */
export type Candidate = {
  responderId: string
  areaPath: string
  name: string
  kind: string
  providerName: string | null
  phone: string
  languages: string[]
  skills: string[]
  travel: 'foot' | 'bicycle' | 'car'
  lat: number
  lon: number
  positionAt: Date
  distanceM: number
  openAssignments: number
  offersMade: number
  offersAccepted: number
  helpedBefore: boolean
  /** A contact of whoever is to be helped. */
  family?: boolean
  asked: string | null
}

export type Report =
  | { report: 'accept' | 'en-route' | 'on-scene' }
  | { report: 'decline' | 'hand-back'; reason: string }
  | { report: 'done'; note: string }
  | { report: 'stand-down'; reason: string }
  | { report: 'expire' }
