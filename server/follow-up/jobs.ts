import { v7 } from 'uuid'
import { after, minutes } from '../platform/clock.ts'
import type { Jobs } from '../platform/jobs.ts'
import type { Parts } from '../platform/parts.ts'
import { notePattern } from './patterns.ts'
import { endTestCalls } from './test-calls.ts'

// One call the next day, by somebody who did not go: was it all right?
const callBackAfterMs = minutes(24 * 60)
// Nobody rings about an outcome that nobody has entered: one that needs review has to be reviewed first.
const noCallFor = ['test', 'accidental-press', 'equipment-fault', 'needs-review']

export function followUpJobs(parts: Parts) {
  return {
    'schedule-follow-up': async (ids) => {
      for (const id of ids) {
        await parts.db.query(
          `INSERT INTO follow_up (id, incident_id, kind, due_at)
           SELECT $1, id, 'satisfaction-call', $3 FROM incident WHERE id = $2 AND status = 'closed' AND resident_id IS NOT NULL AND NOT disposition = ANY ($4)
           ON CONFLICT (incident_id, kind) DO NOTHING`,
          [v7(), id, after(parts.clock.now(), callBackAfterMs), noCallFor],
        )
        await notePattern(parts, id)
      }
    },
    'end-test-call': (deviceIds) => endTestCalls(parts, deviceIds),
  } satisfies Jobs
}
