import type { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { type AlarmReceipt, type AlarmSignal, alarmRoutes } from '../contracts/alarms.ts'
import { incidentRoutes as api } from '../contracts/incidents.ts'
import { hashKey } from '../devices/key.ts'
import { knownKeys } from '../devices/known-keys.ts'
import type { Caller } from '../platform/caller.ts'
import { Overloaded } from '../platform/group-commit.ts'
import { countGuesses } from '../platform/guesses.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal, type Refusal, refuse } from '../platform/refusal.ts'
import { type Handler, serve } from '../platform/serve.ts'
import * as commands from './commands.ts'
import { confirmDevice } from './confirm-device.ts'
import { readLedger } from './ledger.ts'
import type { AlarmIntake } from './open-from-alarm.ts'
import { listIncidents, readBoard } from './queries.ts'
import { beginningOf, readPress } from './read-press.ts'
import type { Stored } from './store.ts'
import { takeSignal } from './take-signal.ts'
import { rowView } from './view.ts'

// Without a number of its own, what is longer ago is another press.
const unnumberedAgainMs = 60_000

/** What was sent but could not be read; null counts as left out. */
function odditiesOf(sent: unknown, read: AlarmSignal): AlarmReceipt['notes'] {
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

export function incidentRoutes(app: FastifyInstance, parts: Parts, intake: AlarmIntake): void {
  const guesses = countGuesses(parts.clock)
  const known = knownKeys(parts)
  const manyWrong = refuse(
    'too-many-requests',
    'This device key is not known, and many others that are not came from your address. Enrol the device again.',
  )
  const take = async ({ body, request, reply }: Parameters<Handler<typeof alarmRoutes.receiveAlarm>>[0]) => {
    const key = /^Bearer (\S{16,200})$/.exec(request.headers.authorization ?? '')?.[1]
    if (!key) return refuse('unknown-key', 'Send the device key as "Authorization: Bearer <device key>".')
    const end = parts.metrics.alarmCommit.startTimer()
    try {
      const oddities = odditiesOf(request.body, body)
      const keyHash = hashKey(key)
      // Only a wrong one is refused here: a device of ours behind the same address is stored as always.
      if (guesses.many(request.ip) && !(await known(keyHash))) return manyWrong
      const { unreadable } = request.body as { unreadable?: string }
      const result = await takeSignal(parts, intake, {
        ...body,
        oddities,
        keyHash,
        receivedAt: parts.clock.now(),
        ...(unreadable !== undefined && { said: unreadable, sentAgainWithinMs: unnumberedAgainMs }),
      })
      if (isRefusal(result)) {
        if (result.refused === 'unknown-key') guesses.wrong(request.ip)
        return result
      }
      reply.status(result.created ? 201 : 200)
      return result.receipt
    } catch (error) {
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
    serve(door, alarmRoutes.receiveAlarm, take)
  })
  serve(app, api.board, async ({ caller, query }) => readBoard(parts, caller.pathsFor('read-board'), query))
  serve(app, api.incidents, async ({ caller, query }) =>
    listIncidents(parts, caller.pathsFor('read-board'), { ...query, ownerId: query.mine ? caller.id : undefined }),
  )
  serve(app, api.ledger, async ({ caller }) => readLedger(parts, caller.pathsFor('read-board')))

  type Said = { version?: number | undefined }
  /** A command's answer is the row as it now is. */
  const command =
    <B extends Said>(run: (caller: Caller, target: commands.Target, said: B) => Promise<Stored | Refusal>) =>
    async ({ caller, params, body }: { caller: Caller; params: { id: string }; body: B }) => {
      const answer = await run(caller, { id: params.id, version: body.version }, body)
      return isRefusal(answer) ? answer : rowView(answer)
    }
  serve(
    app,
    api.classify,
    command((caller, target, said) => commands.classifyIncident(parts, caller, target, said)),
  )
  serve(
    app,
    api.confirmDevice,
    command((caller, target, said) => confirmDevice(parts, caller, target, said.deviceId)),
  )
  serve(
    app,
    api.note,
    command((caller, target, said) => commands.noteIncident(parts, caller, target, said.text)),
  )
  serve(
    app,
    api.hold,
    command((caller, target, said) => commands.holdIncident(parts, caller, target, said)),
  )
  serve(
    app,
    api.resume,
    command((caller, target) => commands.resumeIncident(parts, caller, target)),
  )
  serve(
    app,
    api.requeue,
    command((caller, target, said) => commands.requeueIncident(parts, caller, target, said.reason)),
  )
  serve(
    app,
    api.transfer,
    command((caller, target, said) => commands.transferIncident(parts, caller, target, said)),
  )
  serve(
    app,
    api.takeOver,
    command((caller, target, said) => commands.takeOverIncident(parts, caller, target, said.reason)),
  )
  serve(
    app,
    api.resolve,
    command((caller, target) => commands.resolveIncident(parts, caller, target)),
  )
  serve(
    app,
    api.extendWrapUp,
    command((caller, target) => commands.extendWrapUp(parts, caller, target)),
  )
  serve(
    app,
    api.close,
    command((caller, target, said) => commands.closeIncident(parts, caller, target, said)),
  )
  serve(
    app,
    api.dismissLimit,
    command((caller, target, said) => commands.dismissLimit(parts, caller, target, said.reason)),
  )
}
