import '@fastify/cookie'
import type { FastifyInstance } from 'fastify'
import { accessRoutes as api } from '../contracts/access.ts'
import { centreZone } from '../contracts/days.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal } from '../platform/refusal.ts'
import { base, serve } from '../platform/serve.ts'
import type { Caller } from './caller.ts'
import { deskCookie, deskLastsSeconds, deskOf, deskTries, deskWith } from './desk.ts'
import { callerOf, cookieName, signIn, signOut } from './session.ts'

export function sessionRoutes(app: FastifyInstance, parts: Parts): void {
  const secure = parts.env.publicBaseUrl?.startsWith('https:') ?? false
  const cookieRule = { httpOnly: true, sameSite: 'strict', path: '/', secure } as const
  // Nobody but the sign-in needs to know the desk.
  const deskRule = { ...cookieRule, path: `${base}${api.signIn.path}`, maxAge: deskLastsSeconds }
  const tries = deskTries()

  const meOf = (caller: Caller) => ({
    id: caller.id,
    username: caller.username,
    name: caller.name,
    locale: caller.locale,
    permissions: [...caller.permissions],
    roles: caller.roles.map(({ role, areaId }) => ({ role, areaId })),
    demo: parts.env.demo,
    serverTime: parts.clock.now().toISOString(),
    zone: centreZone,
  })

  serve(app, api.signIn, async ({ body, request, reply }) => {
    const shown = request.cookies[deskCookie]
    const session = await signIn(parts, { ...body, at: deskOf(parts.seal, shown) }, tries)
    if (isRefusal(session)) return session
    const caller = await callerOf(parts, session.cookie)
    if (!caller) throw new Error('a new session has no account')
    reply.setCookie(cookieName, session.cookie, cookieRule)
    reply.setCookie(deskCookie, deskWith(parts.seal, shown, caller.username), deskRule)
    return meOf(caller)
  })
  serve(app, api.signOut, async ({ caller, reply }) => {
    await signOut(parts, caller)
    reply.clearCookie(cookieName, cookieRule)
    return {}
  })
  serve(app, api.me, async ({ caller }) => meOf(caller))
  serve(app, api.setLocale, async ({ caller, body }) => {
    await parts.db.query('UPDATE account SET locale = $2 WHERE id = $1', [caller.id, body.locale])
    return {}
  })
}
