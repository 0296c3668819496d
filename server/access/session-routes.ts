import '@fastify/cookie'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { accessRoutes as api } from '../contracts/access.ts'
import { centreZone } from '../contracts/days.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal } from '../platform/refusal.ts'
import { base, serve } from '../platform/serve.ts'
import type { Caller } from './caller.ts'
import { deskCookie, deskLastsSeconds, deskOf, deskTries, deskWith } from './desk.ts'
import { changePassword, endSessions, ownSessions, sessionOf } from './own-account.ts'
import { usePasswordLink } from './password-link.ts'
import { callerOf, confirmPassword, idleEndsMs, isSecure, sessionCookie, signIn, signOut } from './session.ts'

export function sessionRoutes(app: FastifyInstance, parts: Parts): void {
  const secure = isSecure(parts.env)
  const cookieRule = { httpOnly: true, sameSite: 'strict', path: '/', secure } as const
  // Nobody but the sign-in and what asks for the password again needs to know the desk.
  const deskRule = { ...cookieRule, path: `${base}${api.signIn.path}`, maxAge: deskLastsSeconds }
  const tries = deskTries()

  const meOf = async (caller: Caller) => ({
    id: caller.id,
    username: caller.username,
    name: caller.name,
    locale: caller.locale,
    permissions: [...caller.permissions],
    roles: caller.roles.map(({ role, areaId }) => ({ role, areaId })),
    demo: parts.env.demo,
    serverTime: parts.clock.now().toISOString(),
    zone: centreZone,
    idleEndsMs,
    ...(await sessionOf(parts, caller)),
  })
  const deskIn = (request: FastifyRequest) => deskOf(parts.seal, request.cookies[deskCookie])

  serve(app, api.signIn, async ({ body, request, reply }) => {
    const shown = request.cookies[deskCookie]
    const from = { address: request.ip, browser: request.headers['user-agent'] }
    const session = await signIn(parts, { ...body, at: deskIn(request), from }, tries)
    if (isRefusal(session)) return session
    const caller = await callerOf(parts, session.cookie)
    if (!caller) throw new Error('a new session has no account')
    reply.setCookie(sessionCookie(parts.env), session.cookie, cookieRule)
    reply.setCookie(deskCookie, deskWith(parts.seal, shown, caller.username), deskRule)
    return meOf(caller)
  })
  serve(app, api.signOut, async ({ caller, reply }) => {
    await signOut(parts, caller)
    reply.clearCookie(sessionCookie(parts.env), cookieRule)
    return {}
  })
  serve(app, api.me, async ({ caller }) => meOf(caller))
  serve(app, api.confirmPassword, async ({ caller, body, request }) => {
    const no = await confirmPassword(parts, caller, { ...body, at: deskIn(request) }, tries)
    return no ?? meOf(caller)
  })
  serve(app, api.changePassword, ({ caller, body, request }) =>
    changePassword(parts, caller, { ...body, at: deskIn(request) }, tries),
  )
  serve(app, api.ownSessions, async ({ caller }) => ({ items: await ownSessions(parts, caller), next: null }))
  serve(app, api.endSession, ({ caller, body }) => endSessions(parts, caller, body.id))
  serve(app, api.usePasswordLink, ({ body }) => usePasswordLink(parts, body))
  serve(app, api.setLocale, async ({ caller, body }) => {
    await parts.db.query('UPDATE account SET locale = $2 WHERE id = $1', [caller.id, body.locale])
    return {}
  })
}
