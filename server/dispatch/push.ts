import type { Parts } from '../platform/parts.ts'
import type { Assignment } from './model.ts'

/** The consoles of the area and the responder's own page hear of it. */
export function tellAssignment({ realtime }: Parts, areaPath: string, assignment: Assignment): void {
  const { id, version, seq, incidentId, status, responderId } = assignment
  const push = { id, version, seq, row: { incidentId, status } }
  realtime.toArea(areaPath, 'assignment.changed', push)
  realtime.toResponder(responderId, 'assignment.changed', push)
}
