import { parseCookie } from './access/cookie.ts'
import { callerOf, cookieName } from './access/session.ts'
import { pulseEveryMs } from './contracts/realtime.ts'
import { assignmentOf } from './dispatch/link.ts'
import { loadAssignment } from './dispatch/store.ts'
import type { Parts } from './platform/parts.ts'
import type { RealtimeServer } from './platform/realtime.ts'
import { beat } from './queue/presence.ts'

/**
 * Who may listen to what: a console hears the areas of its roles, a responder's page hears its own requests; anybody else
 * is refused before the first push. The beat keeps an operator's presence and claims alive.
 */
export function acceptSockets(parts: Parts, realtime: RealtimeServer): void {
  realtime.io.use(async (socket, next) => {
    try {
      const token = socket.handshake.auth['responder']
      if (typeof token === 'string') {
        const assignment = await loadAssignment(
          parts.db,
          assignmentOf(parts.seal, token) ?? '00000000-0000-0000-0000-000000000000',
        )
        if (!assignment) return next(new Error('not-signed-in'))
        await socket.join(`responder:${assignment.responderId}`)
        return next()
      }
      const caller = await callerOf(parts, parseCookie(socket.handshake.headers.cookie)[cookieName])
      if (!caller || !sameOrigin(socket.handshake.headers, parts.env.publicBaseUrl))
        return next(new Error('not-signed-in'))
      socket.data['accountId'] = caller.id
      socket.data['sessionCookie'] = parseCookie(socket.handshake.headers.cookie)[cookieName]
      const rooms = [
        ...caller.pathsFor('read-board').map((path) => `area:${lastOf(path)}`),
        ...caller.pathsFor('supervise').map((path) => `supervisors:${lastOf(path)}`),
      ]
      // A community's push goes to the rooms of its street and district too, so each scope is one room.
      await socket.join(rooms)
      next()
    } catch (error) {
      next(error as Error)
    }
  })
  realtime.io.on('connection', (socket) => {
    socket.emit('pulse', { serverTime: parts.clock.now().toISOString() })
    const accountId: string | undefined = socket.data['accountId']
    if (!accountId) return
    socket.on('beat', async (answer: unknown) => {
      try {
        // A session that ended meanwhile keeps nothing alive.
        if (!(await callerOf(parts, socket.data['sessionCookie']))) return void socket.disconnect(true)
        await beat(parts, accountId)
        if (typeof answer === 'function') answer({ serverTime: parts.clock.now().toISOString() })
      } catch (error) {
        parts.log.warn({ fault: (error as Error).message }, 'beat not kept')
      }
    })
  })
}

const lastOf = (path: string) => path.split('/').filter(Boolean).at(-1) ?? ''

function sameOrigin(
  headers: { origin?: string | undefined; host?: string | undefined },
  publicBaseUrl: string | undefined,
): boolean {
  if (!headers.origin) return true // not a browser: it holds the cookie by itself
  return headers.origin === publicBaseUrl || new URL(headers.origin).host === headers.host
}

/** Tells every console every 2 s that it is connected; the console says so to its operator when 3 s pass without. */
export function startPulse(parts: Parts): () => void {
  const timer = setInterval(
    () => parts.realtime.toAll('pulse', { serverTime: parts.clock.now().toISOString() }),
    pulseEveryMs,
  )
  return () => clearInterval(timer)
}
