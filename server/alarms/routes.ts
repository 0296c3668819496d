import type { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { type AlarmReceipt, type AlarmSignal, alarmRoutes as api } from '../contracts/alarms.ts'
import { hashKey } from '../devices/key.ts'
import { knownKeys } from '../devices/known-keys.ts'
import { countFailedAttempts } from '../platform/failed-attempts.ts'
import { Overloaded } from '../platform/group-commit.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal, refuse } from '../platform/refusal.ts'
import { type Handler, serve } from '../platform/serve.ts'
import type { AlarmIntake } from './open-from-alarm.ts'
import { beginningOf, readPress } from './read-press.ts'
import { takeSignal } from './take-signal.ts'

// Without a number of its own, what is longer ago is another press.
const unnumberedAgainMs = 60_000

/** What was sent but could not be read; null counts as left out. */
function warningsOf(sent: unknown, read: AlarmSignal): AlarmReceipt['notes'] {
  const raw = (sent ?? {}) as Record<string, unknown>
  const ignored = (['pressedAt', 'battery', 'position'] as const).some(
    (field) => raw[field] !== undefined && raw[field] !== null && read[field] === undefined,
  )
  const unread = raw['unreadable'] !== undefined
  return [
    ...(ignored || unread ? (['field-ignored'] as const) : []),
    ...(raw['type'] !== read.type ? (['unknown-type'] as const) : []),
  ]
}

/** Where devices press over HTTP. It is given the connections of the line, not those of the pages. */
export function alarmRoutes(app: FastifyInstance, parts: Parts, intake: AlarmIntake): void {
  const attempts = countFailedAttempts(parts.clock)
  const known = knownKeys(parts)
  const manyWrong = refuse(
    'too-many-requests',
    'This device key is not known, and many others that are not came from your address. Enrol the device again.',
  )
  const take = async ({ body, request, reply }: Parameters<Handler<typeof api.receiveAlarm>>[0]) => {
    const key = /^Bearer (\S{16,200})$/.exec(request.headers.authorization ?? '')?.[1]
    if (!key) return refuse('unknown-key', 'Send the device key as "Authorization: Bearer <device key>".')
    const end = parts.metrics.alarmCommit.startTimer()
    let attempt: ReturnType<typeof attempts.begin> | undefined
    try {
      const warnings = warningsOf(request.body, body)
      const keyHash = hashKey(key)
      // Only a wrong one is refused here: a device of ours behind the same address is stored as always.
      attempt = attempts.begin(request.ip)
      if (attempt.many && !(await known(keyHash))) return manyWrong
      const { unreadable } = request.body as { unreadable?: string }
      const result = await takeSignal(parts, intake, {
        ...body,
        warnings,
        keyHash,
        receivedAt: parts.clock.now(),
        ...(unreadable !== undefined && { said: unreadable, sentAgainWithinMs: unnumberedAgainMs }),
      })
      if (!isRefusal(result) || result.refused !== 'unknown-key') attempt.right()
      if (isRefusal(result)) return result
      reply.status(result.created ? 201 : 200)
      return result.receipt
    } catch (error) {
      attempt?.right() // what could not be stored was no attempt
      if (error instanceof Overloaded)
        return refuse('overloaded', 'Not stored. Send the same sequence again in a second.')
      throw error
    } finally {
      end()
    }
  }
  // A reader of its own: whoever shows a right key is never refused for the form of what they send.
  app.register(async (door) => {
    door.removeAllContentTypeParsers()
    door.addContentTypeParser('*', async (_request: unknown, payload: Readable) =>
      readPress(await beginningOf(payload)),
    )
    serve(door, api.receiveAlarm, take)
  })
}
