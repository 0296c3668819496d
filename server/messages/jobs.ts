import type { Jobs } from '../platform/jobs.ts'
import type { Parts } from '../platform/parts.ts'
import { sendText } from './commands.ts'

export function messageJobs(parts: Parts): Jobs {
  return {
    'send-text': async (names) => {
      for (const name of names) await sendText(parts, name)
    },
  }
}
