import { callJobs } from '../calls/jobs.ts'
import { ladderJobs } from '../calls/ladder-jobs.ts'
import type { JobKind } from '../contracts/jobs.ts'
import { dispatchJobs } from '../dispatch/jobs.ts'
import { followUpJobs } from '../follow-up/jobs.ts'
import { incidentJobs } from '../incidents/jobs.ts'
import { messageJobs } from '../messages/jobs.ts'
import type { Job } from '../platform/jobs.ts'
import type { Parts } from '../platform/parts.ts'
import { queueJobs } from '../queue/jobs.ts'
import { searchJobs } from './write-search.ts'

/** Every kind of work that a room leaves for later, and who does it. There is no other table. */
export const allJobs = (parts: Parts): Record<JobKind, Job> => ({
  ...incidentJobs(parts),
  ...callJobs(parts),
  ...messageJobs(parts),
  ...ladderJobs(parts),
  ...queueJobs(parts),
  ...dispatchJobs(parts),
  ...followUpJobs(parts),
  ...searchJobs(parts),
})
