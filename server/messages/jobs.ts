import type { Jobs } from '../platform/jobs.ts'
import type { Parts } from '../platform/parts.ts'
import { sendText } from './commands.ts'

export function messageJobs(parts: Parts) {
  return {
    'send-text': async (names) => {
      for (const name of names) await sendText(parts, name)
    },
  } satisfies Jobs
}
