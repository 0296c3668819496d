import type { FastifyInstance } from 'fastify'
import { auditLook } from '../access/audit.ts'
import { dispatchRoutes as api } from '../contracts/dispatch.ts'
import { incidentRoutes } from '../contracts/incidents.ts'
import { actorOf } from '../incidents/model.ts'
import { load } from '../incidents/store.ts'
import { rowView } from '../incidents/view.ts'
import { countFailedAttempts } from '../platform/failed-attempts.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal, type Refusal, refuse } from '../platform/refusal.ts'
import { serve } from '../platform/serve.ts'
import { chooseWave } from './choose.ts'
import { dispatchResponder, report } from './commands.ts'
import { tellFamilyNow } from './family.ts'
import { helpersFor } from './helpers.ts'
import { assignmentOf } from './link.ts'
import type { Report } from './model.ts'
import { responderPage } from './responder-page.ts'
import { screenPop, timeline } from './screen-pop.ts'
import { loadAssignment, saveShown } from './store.ts'
import { assignmentViews } from './view.ts'
import { skillOf } from './wave.ts'
import { tellWhereabouts } from './whereabouts.ts'

const wrongLink = refuse('not-found', 'This link is not valid. Open the newest message again.')

export function dispatchRoutes(app: FastifyInstance, parts: Parts): void {
  serve(app, incidentRoutes.incident, async ({ caller, params, query }) =>
    screenPop(parts, caller, params.id, query.breakGlass),
  )
  serve(app, incidentRoutes.timeline, async ({ caller, params }) => timeline(parts, caller, params.id))

  serve(app, incidentRoutes.tellFamily, async ({ caller, params }) => {
    const told = await tellFamilyNow(parts, caller, params.id)
    return isRefusal(told) ? told : rowView(told)
  })

  serve(app, api.helpers, async ({ caller, params, query }) => {
    const incident = await load(parts.db, params.id)
    if (!incident || !caller.may('handle-incident', incident.areaPath)) return refuse('not-found')
    await auditLook(parts, { accountId: caller.id, subjectKind: 'incident', subjectId: params.id })
    const skill = query.skill ?? (await skillOf(parts.db, incident.catalogueCode))?.skill ?? 'care'
    const now = parts.clock.now()
    const ranked = await helpersFor(parts.db, incident, skill, now)
    const wave = chooseWave(ranked, 1)
    const free = ranked.filter((helper) => helper.asked === null).slice(0, query.limit)
    const items = [...free, ...ranked.filter((helper) => helper.asked !== null)].map(
      ({ offersMade: _, offersAccepted: __, helpedBefore: ___, areaPath, ...helper }) => ({
        ...helper,
        // Whoever is near may be sent; their number is for those who look after their area; who has sent them reads it at the assignment.
        phone: caller.may('read-providers', areaPath) ? helper.phone : null,
        positionAt: helper.positionAt.toISOString(),
        firstWave: wave.some((one) => one.responderId === helper.responderId),
      }),
    )
    return { items, next: null }
  })
  serve(app, api.dispatch, async ({ caller, params, body }) => {
    const sent = await dispatchResponder(parts, caller, { id: params.id, version: body.version }, body)
    return isRefusal(sent)
      ? sent
      : { row: rowView(sent), assignments: await assignmentViews(parts.db, { incidentId: params.id }) }
  })

  const shown = async (id: string) => {
    const [view] = await assignmentViews(parts.db, { id })
    return view ?? refuse('not-found')
  }
  serve(app, api.standDown, async ({ caller, params, body }) => {
    const done = await report(
      parts,
      params.id,
      { report: 'stand-down', reason: body.reason },
      actorOf.operator(caller.id),
      caller,
    )
    return isRefusal(done) ? done : shown(done.id)
  })
  serve(app, api.reportFor, async ({ caller, params, body }) => {
    const said =
      body.report === 'decline'
        ? { report: body.report, reason: body.reason ?? 'other' }
        : body.report === 'done'
          ? { report: body.report, note: body.note }
          : { report: body.report }
    const done = await report(parts, params.id, said, actorOf.operator(caller.id), caller)
    return isRefusal(done) ? done : shown(done.id)
  })

  const attempts = countFailedAttempts(parts.clock)
  type Asked = { params: { token: string }; request: { ip: string } }
  /** One that we did not sign is refused before anything is looked up; a right one opens, whoever guesses beside it. */
  const notOurs = ({ params, request }: Asked): Refusal | undefined => {
    if (assignmentOf(parts.seal, params.token)) return undefined
    return attempts.begin(request.ip).many
      ? refuse('too-many-requests', 'Too many wrong links. Wait a minute.')
      : wrongLink
  }
  serve(app, api.responderPage, async (asked) => notOurs(asked) ?? responderPage(parts, asked.params.token))
  serve(app, api.requestShown, async (asked) => {
    const no = notOurs(asked)
    if (no) return no
    await saveShown(parts.db, assignmentOf(parts.seal, asked.params.token) as string, parts.clock.now())
    return {}
  })
  /** The signed link names the assignment; whoever holds it speaks for its responder, and for nothing else. */
  const reply = async (asked: Asked, said: Report): Promise<Awaited<ReturnType<typeof responderPage>> | Refusal> => {
    const no = notOurs(asked)
    if (no) return no
    const { token } = asked.params
    const assignment = await loadAssignment(parts.db, assignmentOf(parts.seal, token) as string)
    if (!assignment) return wrongLink
    const done = await report(parts, assignment.id, said, actorOf.responder(assignment.responderId))
    return isRefusal(done) ? done : responderPage(parts, token)
  }
  serve(app, api.acceptRequest, (asked) => reply(asked, { report: 'accept' }))
  serve(app, api.declineRequest, (asked) => reply(asked, { report: 'decline', reason: asked.body.reason }))
  serve(app, api.onMyWay, (asked) => reply(asked, { report: 'en-route' }))
  serve(app, api.onScene, (asked) => reply(asked, { report: 'on-scene' }))
  serve(app, api.done, (asked) => reply(asked, { report: 'done', note: asked.body.note }))
  serve(
    app,
    api.tellWhereabouts,
    async (asked) =>
      notOurs(asked) ?? tellWhereabouts(parts, assignmentOf(parts.seal, asked.params.token) as string, asked.body),
  )
  serve(app, api.handBack, (asked) => reply(asked, { report: 'hand-back', reason: asked.body.reason }))
}
