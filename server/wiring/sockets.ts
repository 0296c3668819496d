import type { Socket } from 'socket.io'
import type { Caller } from '../access/caller.ts'
import { parseCookie } from '../access/cookie.ts'
import { sameOrigin } from '../access/same-origin.ts'
import { callerOf, callersOf, sessionCookie } from '../access/session.ts'
import { pulseEveryMs, typingEveryMs } from '../contracts/realtime.ts'
import type { AssignmentStatus } from '../contracts/vocabulary.ts'
import type { Party } from '../contracts/voice.ts'
import { hashKey } from '../devices/key.ts'
import { assignmentOf } from '../dispatch/link.ts'
import { isOpen } from '../dispatch/machine.ts'
import { loadAssignment } from '../dispatch/store.ts'
import { kioskOf, kiosksInService } from '../messages/text-calls.ts'
import { passTyping } from '../messages/typing.ts'
import type { Parts } from '../platform/parts.ts'
import { toE164 } from '../platform/phone.ts'
import type { RealtimeServer } from '../platform/realtime.ts'
import { isFromHere } from '../platform/this-machine.ts'
import { beat } from '../queue/presence.ts'

/** What a connection is remembered by, and hangs on. */
type Kept = {
  sessionId: string
  accountId: string
  rooms: string[]
  beatAt: number
  kioskKey: Buffer
  assignmentId: string
}
const keptOf = (socket: Socket) => socket.data as Partial<Kept>

// As often as a console beats: what it may no longer hear, it hears at most this long.
const recheckEveryMs = 15_000
// A console beats every 15 s; one that hammers must not cost more than a beat a second.
const beatMinMs = 1_000

/** What a console hears: its own, and for each role the area it is held in. A push names the areas above as well. */
function roomsOf(caller: Caller): string[] {
  const last = (path: string) => path.split('/').filter(Boolean).at(-1) ?? ''
  return [
    `session:${caller.sessionId}`,
    `account:${caller.id}`,
    ...caller.pathsFor('read-board').map((path) => `area:${last(path)}`),
    ...caller.pathsFor('supervise').map((path) => `supervisors:${last(path)}`),
    ...(caller.permissions.has('supervise') ? ['leaders'] : []),
  ]
}

async function follow(socket: Socket, rooms: string[]): Promise<void> {
  const kept = keptOf(socket)
  for (const room of kept.rooms ?? []) if (!rooms.includes(room)) await socket.leave(room)
  await socket.join(rooms)
  kept.rooms = rooms
}

/**
 * Who may listen to what: a console hears the areas of its roles, a responder's page hears its own requests; anybody else
 * is refused before the first push. The beat keeps an operator's presence and claims alive. Ends with what it returns.
 */
export function acceptSockets(parts: Parts, realtime: RealtimeServer): () => void {
  realtime.io.use(async (socket, next) => {
    try {
      const token = socket.handshake.auth['responder']
      const { kiosk, phone } = socket.handshake.auth as { kiosk?: unknown; phone?: unknown }
      const heard =
        typeof token === 'string'
          ? await hearRequest(parts, socket, token)
          : typeof kiosk === 'string'
            ? await hearKiosk(parts, socket, kiosk)
            : typeof phone === 'string'
              ? pretendPhone(parts, socket, phone)
              : await hearAreas(parts, socket)
      next(heard ? undefined : new Error('not-signed-in'))
    } catch (error) {
      next(error as Error)
    }
  })
  realtime.io.on('connection', (socket) => {
    const pulse = () => ({ serverTime: parts.clock.now().toISOString() })
    socket.emit('pulse', pulse())
    if (partyOf(socket))
      socket.on('voice.settings', (_asked: unknown, answer: unknown) => {
        if (typeof answer === 'function') answer({ iceServers: parts.env.voice.iceServers })
      })
    hearTyping(parts, socket)
    if (!keptOf(socket).accountId) return
    socket.on('beat', async (answer: unknown) => {
      try {
        await keepAlive(parts, socket)
        if (typeof answer === 'function') answer(pulse())
      } catch (error) {
        parts.log.warn({ fault: (error as Error).message }, 'beat not kept')
      }
    })
  })
  const timer = setInterval(() => {
    recheckSockets(parts, realtime).catch((error) =>
      parts.log.warn({ fault: (error as Error).message }, 'sockets not checked; trying again'),
    )
  }, recheckEveryMs)
  return () => clearInterval(timer)
}

/** Faster than anybody types it is not passed on; the last state comes with the next. */
function hearTyping(parts: Parts, socket: Socket): void {
  const party = partyOf(socket)
  if (!party) return
  let heardAt = 0
  socket.on('typing', (said: unknown) => {
    const now = performance.now()
    if (now - heardAt < typingEveryMs / 3) return
    heardAt = now
    passTyping(parts, party, said).catch((error: Error) =>
      parts.log.warn({ fault: error.message }, 'typing not passed'),
    )
  })
}

async function hearRequest(parts: Parts, socket: Socket, token: string): Promise<boolean> {
  const id = assignmentOf(parts.seal, token)
  const assignment = id && (await loadAssignment(parts.db, id))
  // A request that is over tells its page nothing more; were it let in, it would count as a page that is open.
  if (!assignment || !isOpen(assignment.status)) return false
  keptOf(socket).assignmentId = assignment.id
  await socket.join(`responder:${assignment.responderId}`)
  return true
}

/** A kiosk shows its device key; it hears its own calls. */
async function hearKiosk(parts: Parts, socket: Socket, key: string): Promise<boolean> {
  const deviceId = await kioskOf(parts, `Bearer ${key}`)
  if (!deviceId) return false
  keptOf(socket).kioskKey = hashKey(key)
  socket.data['party'] = { kind: 'kiosk', deviceId } satisfies Party
  await socket.join(`kiosk:${deviceId}`)
  return true
}

/** Demo only, and like the other demo ways in only from this machine: a pretend telephone with the number it says it has. */
function pretendPhone(parts: Parts, socket: Socket, number: string): boolean {
  const { address, headers } = socket.handshake
  const { localAddress } = socket.request.socket
  if (!parts.env.demo || !isFromHere({ address, localAddress, headers, named: false })) return false
  socket.data['party'] = { kind: 'phone', number: number === '' ? null : (toE164(number) ?? null) } satisfies Party
  return true
}

/** Whose telephone a connection is. */
export function partyOf(socket: Socket): Party | undefined {
  const { accountId } = keptOf(socket)
  return accountId ? { kind: 'operator', accountId } : (socket.data['party'] as Party | undefined)
}

async function hearAreas(parts: Parts, socket: Socket): Promise<boolean> {
  const { headers } = socket.handshake
  // Without an Origin it is not a browser: it holds the cookie by itself.
  if (headers.origin && !sameOrigin(headers, parts.env.publicBaseUrl)) return false
  const caller = await callerOf(parts, parseCookie(headers.cookie)[sessionCookie(parts.env)])
  if (!caller) return false
  Object.assign(keptOf(socket), { sessionId: caller.sessionId, accountId: caller.id })
  await follow(socket, roomsOf(caller))
  return true
}

async function keepAlive(parts: Parts, socket: Socket): Promise<void> {
  const kept = keptOf(socket)
  const now = parts.clock.now().getTime()
  if (!kept.sessionId || now - (kept.beatAt ?? 0) < beatMinMs) return
  kept.beatAt = now
  const caller = (await callersOf(parts, [kept.sessionId], { used: false })).get(kept.sessionId)
  // A session that ended meanwhile keeps nothing alive.
  if (caller) await beat(parts, caller.id)
  else socket.disconnect(true)
}

/**
 * A connection must not outlive what it was opened with: whose session is over or whose account was withdrawn is cut off,
 * as is a kiosk whose key is no longer good and the page of a request that is over, and rooms follow the roles. A query a
 * kind for all connections of this process.
 */
export async function recheckSockets(parts: Parts, realtime: RealtimeServer): Promise<void> {
  const sockets = [...realtime.io.of('/').sockets.values()]
  await recheckKiosks(parts, sockets)
  await recheckRequests(parts, sockets)
  const sessions = [...new Set(sockets.flatMap((socket) => keptOf(socket).sessionId ?? []))]
  if (sessions.length === 0) return
  const callers = await callersOf(parts, sessions, { used: false })
  for (const socket of sockets) {
    const { sessionId } = keptOf(socket)
    if (!sessionId) continue
    const caller = callers.get(sessionId)
    if (caller) await follow(socket, roomsOf(caller))
    else socket.disconnect(true)
  }
}

/** A kiosk that was taken out of service, or was issued another key, hears and calls no more. */
async function recheckKiosks(parts: Parts, sockets: Socket[]): Promise<void> {
  const keys = sockets.flatMap((socket) => keptOf(socket).kioskKey ?? [])
  if (keys.length === 0) return
  const kept = await kiosksInService(parts, keys)
  for (const socket of sockets) {
    const { kioskKey } = keptOf(socket)
    if (kioskKey && !kept.has(kioskKey.toString('hex'))) socket.disconnect(true)
  }
}

/** The page of a request that is over hears nothing of the next one; its own end was told to it before. */
async function recheckRequests({ db }: Parts, sockets: Socket[]): Promise<void> {
  const ids = sockets.flatMap((socket) => keptOf(socket).assignmentId ?? [])
  if (ids.length === 0) return
  const rows = await db.query<{ id: string; status: AssignmentStatus }>(
    'SELECT id, status FROM assignment WHERE id = ANY ($1)',
    [ids],
  )
  const live = new Set(rows.filter(({ status }) => isOpen(status)).map(({ id }) => id))
  for (const socket of sockets) {
    const { assignmentId } = keptOf(socket)
    if (assignmentId && !live.has(assignmentId)) socket.disconnect(true)
  }
}

/** Tells every console every 2 s that it is connected; the console says so to its operator when 3 s pass without. */
export function startPulse(parts: Parts): () => void {
  const timer = setInterval(
    () => parts.realtime.toAll('pulse', { serverTime: parts.clock.now().toISOString() }),
    pulseEveryMs,
  )
  return () => clearInterval(timer)
}
