import { canRing } from '../calls/outbound.ts'
import type { ToldBy } from '../contracts/vocabulary.ts'
import { alertLeaders, changeIncident } from '../incidents/change.ts'
import { ensureTimer } from '../incidents/jobs.ts'
import { actorOf, type Fact } from '../incidents/model.ts'
import { load } from '../incidents/store.ts'
import { after, minutes } from '../platform/clock.ts'
import type { Tx } from '../platform/db.ts'
import type { Jobs } from '../platform/jobs.ts'
import { enqueue } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'
import { isAwaited, neededFor } from './ask-on.ts'
import { releaseByCall, ringResponder } from './by-call.ts'
import { pageAnswersWithinMs, wavesMax, wayTo } from './choose.ts'
import { deliver, linkOf, sendsMessages } from './deliver.ts'
import { tellFamily } from './family.ts'
import { sendLadderHelper } from './ladder-helper.ts'
import { isGoing } from './machine.ts'
import { loadAssignment, lockAssignments, saveMove } from './store.ts'
import { takeReply } from './take-reply.ts'
import { notNeededText, requestText } from './texts.ts'
import { sendWave } from './wave.ts'

const promiseAgainMs = minutes(5)

/** The wave's time is up, or all have declined: who did not answer expires, and the next are asked. Early or late is harmless. */
async function nextWave(parts: Parts, incidentId: string): Promise<void> {
  const now = parts.clock.now()
  await changeIncident(parts, {
    id: incidentId,
    decide: async (incident, tx) => {
      const all = await lockAssignments(tx, incidentId)
      const facts: Fact[] = []
      for (const assignment of all.filter((one) => one.status === 'requested' && one.expiresAt <= now)) {
        await saveMove(tx, assignment.id, { to: 'expired' }, now)
        await enqueue(tx, 'notify-stood-down', assignment.id, now)
        facts.push({
          at: now,
          actor: actorOf.system,
          type: 'assignment-expired',
          data: { assignmentId: assignment.id, responderId: assignment.responderId, reason: '' },
        })
      }
      const asked = all.filter((one) => one.status === 'requested' && one.expiresAt > now)
      const waiting = asked.filter(isAwaited)
      const needed = await neededFor(tx, incidentId)
      const going = all.filter((one) => isGoing(one.status) || one.status === 'cleared').length
      if (waiting[0]) await ensureTimer(tx, 'next-wave', incidentId, waiting[0].expiresAt)
      // Also while it waits for another operator: helpers are asked on, whoever looks after it.
      else if (
        going < needed &&
        incident.promiseAt &&
        (incident.status === 'response' || incident.status === 'waiting')
      ) {
        const wave = 1 + Math.max(0, ...all.map((one) => one.wave))
        const sent = await wavesSent(tx, incidentId)
        const left = { ...incident, assignmentsOpen: incident.assignmentsOpen - facts.length }
        const next =
          sent < wavesMax
            ? await sendWave(
                tx,
                left,
                { wave, needed: needed - going, promiseAt: incident.promiseAt, requestedBy: null, by: 'rank' },
                now,
              )
            : []
        facts.push(...next)
        // Who was not reached may still look at their page; their time ends as that of the others.
        if (next.length === 0 && asked[0]) await ensureTimer(tx, 'next-wave', incidentId, asked[0].expiresAt)
        else if (next.length === 0)
          facts.push({ at: now, actor: actorOf.system, type: 'waves-exhausted', data: { waves: sent } })
      }
      return { facts }
    },
    also: async (tx, { after, facts }) => {
      if (!facts.some((fact) => fact.type === 'waves-exhausted')) return
      tx.afterCommit(() => alertLeaders(parts, after, 'waves-exhausted'))
    },
  })
}

/** Waves of the newest dispatch; an operator who sends again gets three again. */
async function wavesSent(tx: Pick<Tx, 'query'>, incidentId: string): Promise<number> {
  const [row] = await tx.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM fact WHERE incident_id = $1 AND type = 'wave-sent'
       AND seq > coalesce((SELECT max(seq) FROM fact WHERE incident_id = $1 AND type = 'dispatched'), 0)`,
    [incidentId],
  )
  return row?.n ?? 0
}

/** The promised time is over and nobody has come: the leaders hear, again every few minutes, until somebody is there. */
async function checkPromise(parts: Parts, incidentId: string): Promise<void> {
  await parts.db.transaction(async (tx) => {
    const incident = await load(tx, incidentId)
    if (!incident?.promiseAt || (incident.status !== 'response' && incident.status !== 'waiting')) return
    const there = await tx.query(
      `SELECT 1 FROM assignment WHERE incident_id = $1 AND status IN ('on-scene', 'cleared') LIMIT 1`,
      [incidentId],
    )
    if (there.length > 0) return
    const now = parts.clock.now()
    const late = incident.promiseAt <= now
    await ensureTimer(tx, 'check-promise', incidentId, late ? after(now, promiseAgainMs) : incident.promiseAt)
    if (late) tx.afterCommit(() => alertLeaders(parts, incident, 'promise-late'))
  })
}

type Told = {
  id: string
  phone: string
  language: string
  responderId: string
  distanceM: number | null
  promiseAt: Date
  service: string
  serviceEn: string
  version: number
  seq: number
  status: string
  reason: string | null
  toldBy: ToldBy
  acceptedAt: Date | null
}

/** Tells these responders; a carrier takes the message from the table. One who answered meanwhile is not told again. */
async function tell(
  parts: Parts,
  ids: string[],
  statuses: string[],
  textOf: (told: Told) => string,
  { page = true }: { page?: boolean } = {},
): Promise<void> {
  const rows = await parts.db.query<Told>(
    `SELECT s.id, r.phone, r.languages[1] AS language, r.id AS "responderId", s.distance_m AS "distanceM", s.promise_at AS "promiseAt", c.name AS service, c.name_en AS "serviceEn", s.version, s.seq, s.status, s.reason, r.told_by AS "toldBy", s.accepted_at AS "acceptedAt"
     FROM assignment s JOIN responder r ON r.id = s.responder_id JOIN incident i ON i.id = s.incident_id JOIN catalogue_item c ON c.code = i.catalogue_code
     WHERE s.id = ANY ($1) AND s.status = ANY ($2)`,
    [ids, statuses],
  )
  let fault: unknown
  for (const told of rows) {
    // The page first: it needs no gateway.
    parts.realtime.toResponder(told.responderId, 'assignment.changed', {
      id: told.id,
      version: told.version,
      seq: told.seq,
      row: { status: told.status },
    })
    // One whose message does not go out holds up nobody else's; the job comes again for them.
    await tellOne(parts, told, textOf(told), page).catch((error) => {
      fault ??= error
    })
  }
  if (fault) throw fault
}

async function tellOne(parts: Parts, told: Told, text: string, page: boolean): Promise<void> {
  const { id, phone } = told
  const request = told.status === 'requested'
  if (!request) {
    await releaseByCall(parts, id)
    // Who was only rung knows by the call, or of nothing.
    if (told.acceptedAt || !(await wasRung(parts, id))) await deliver(parts, { phone, assignmentId: id, text })
    return
  }
  const way = (await wasRung(parts, id))
    ? 'call' // the job again: they are rung already, which is why they cannot be rung
    : wayTo(told.toldBy, {
        messages: sendsMessages(parts) || parts.env.demo,
        rings: await canRing(parts, parts.db, { phone }),
        pageOpen: page && (await parts.realtime.responderIsHere(told.responderId)),
      })
  if (way === 'call') await ringResponder(parts, id)
  if (way === 'message') await deliver(parts, { phone, assignmentId: id, text, request })
  // An open page may lie in a pocket: unless it says that the request stands on it, they are told by another way.
  if (way === 'page')
    await parts.db.transaction((tx) =>
      ensureTimer(tx, 'check-shown', id, after(parts.clock.now(), pageAnswersWithinMs)),
    )
}

/** Those whose page did not say in time that it shows the request. Late, or twice, is harmless. */
async function checkShown(parts: Parts, ids: string[]): Promise<void> {
  const found = await Promise.all(ids.map((id) => loadAssignment(parts.db, id)))
  const asked = after(parts.clock.now(), -pageAnswersWithinMs)
  const unseen = found.flatMap((one) => (one && !one.shownAt && one.requestedAt <= asked ? one.id : []))
  if (unseen.length > 0) await tell(parts, unseen, ['requested'], askText(parts), { page: false })
}

const askText = (parts: Parts) => (told: Told) => requestText(told, linkOf(parts, told.id), sendsMessages(parts))

async function wasRung({ db }: Parts, assignmentId: string): Promise<boolean> {
  return (await db.query('SELECT 1 FROM call WHERE asks_id = $1 LIMIT 1', [assignmentId])).length > 0
}

export function dispatchJobs(parts: Parts) {
  return {
    'next-wave': async (ids) => {
      for (const id of ids) await nextWave(parts, id)
    },
    'send-ladder-helper': async (ids) => {
      for (const id of ids) await sendLadderHelper(parts, id)
    },
    'check-promise': async (ids) => {
      for (const id of ids) await checkPromise(parts, id)
    },
    'notify-responder': (ids) => tell(parts, ids, ['requested'], askText(parts)),
    'check-shown': (ids) => checkShown(parts, ids),
    'ring-responder': async (ids) => {
      for (const id of ids) await ringResponder(parts, id)
    },
    'take-reply': async (ids) => {
      for (const id of ids) await takeReply(parts, id)
    },
    'tell-family': async (ids) => {
      for (const id of ids) await tellFamily(parts, id)
    },
    'notify-stood-down': (ids) => tell(parts, ids, ['stood-down', 'expired'], notNeededText),
  } satisfies Jobs
}
