import type { Parts } from '../platform/parts.ts'
import { farAwayM, isNowhere, metresBetween } from '../platform/place.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'
import { isGoing } from './machine.ts'
import { loadAssignment } from './store.ts'

/** A telephone without a sight of the sky knows the town and not the street: that tells nobody how far it is. */
const coarsestM = 2_000

type Told = { lat: number; lon: number; accuracyM?: number | undefined }

/**
 * Where the helper is, by their own page, as long as they are out on this task and no longer. It is the place by which they are
 * found for the next one, and no fact: where somebody was each minute of their day is nobody's to read.
 */
export async function tellWhereabouts(
  parts: Parts,
  assignmentId: string,
  told: Told,
): Promise<{ kept: boolean } | Refusal> {
  const assignment = await loadAssignment(parts.db, assignmentId)
  if (!assignment || !isGoing(assignment.status))
    return refuse('not-on-the-way', 'You are not out on this task: nothing is taken of where you are.')
  const { id, incidentId, responderId, status, version, seq } = assignment
  const [at] = await parts.db.query<{ path: string; lat: number | null; lon: number | null }>(
    'SELECT area_path AS path, lat, lon FROM incident WHERE id = $1',
    [incidentId],
  )
  const { lat, lon } = at ?? {}
  // Nobody is on their way from so far: a receiver that jumps is likelier, and would hide them from the next task.
  const isElsewhere = typeof lat === 'number' && typeof lon === 'number' && metresBetween(told, { lat, lon }) > farAwayM
  if (isNowhere(told) || isElsewhere || (told.accuracyM ?? 0) > coarsestM) return { kept: false }
  await parts.db.query('UPDATE responder SET lat = $2, lon = $3, position_at = $4 WHERE id = $1', [
    responderId,
    told.lat,
    told.lon,
    parts.clock.now(),
  ])
  // Only that it is time to look again; the place itself travels in no push.
  if (at) parts.realtime.toArea(at.path, 'assignment.changed', { id, version, seq, row: { incidentId, status } })
  return { kept: true }
}
