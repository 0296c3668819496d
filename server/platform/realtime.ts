import type { Server as HttpServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { createAdapter } from '@socket.io/redis-streams-adapter'
import { Redis } from 'ioredis'
import { Server, type Socket } from 'socket.io'
import type { Pushes, PushName, Typing } from '../contracts/realtime.ts'
import type { Metrics } from './metrics.ts'

/** Pushes are hints: never awaited, never retried, free of personal data. */
export type Realtime = {
  /** To everybody whose scope holds this area: rooms are the area's own and its ancestors'. */
  toArea<N extends PushName>(areaPath: string, name: N, payload: Pushes[N]): void
  toSupervisors<N extends PushName>(areaPath: string, name: N, payload: Pushes[N]): void
  toResponder<N extends PushName>(responderId: string, name: N, payload: Pushes[N]): void
  /** Is their page open somewhere? */
  responderIsHere(responderId: string): Promise<boolean>
  toKiosk<N extends PushName>(deviceId: string, name: N, payload: Pushes[N]): void
  toKiosk(deviceId: string, name: 'typing', payload: Typing): void
  /** To the web telephone that has this number, if one is open. */
  toPhone(number: string, name: 'typing', payload: Typing): void
  toOperator<N extends PushName>(accountId: string, name: N, payload: Pushes[N]): void
  toOperator(accountId: string, name: 'typing', payload: Typing): void
  /** To whoever supervises anywhere: what concerns no area. */
  toLeaders<N extends PushName>(name: N, payload: Pushes[N]): void
  /** To consoles and responders' pages alike. */
  toAll(name: 'pulse', payload: unknown): void
  /** Ends the connections of a session, of a whole account or of a kiosk at once, in every process. */
  disconnect(whose: `session:${string}` | `account:${string}` | `kiosk:${string}`): void
}

export type RealtimeServer = Realtime & {
  io: Server
  attach(server: HttpServer): void
  ready(): boolean
  close(): Promise<void>
}

// The other processes answer within milliseconds.
const askedMsMax = 800
const connectMs = 10_000
/** When we stop, what was asked is answered; who has not said all of it by then says it to the next process. */
export const lastAnswersMs = 2_000

const areaRooms = (path: string, kind: string) =>
  path
    .split('/')
    .filter(Boolean)
    .map((id) => `${kind}:${id}`)

/** socket.io in memory, or with the Redis streams adapter when several processes serve; `prefix` names this centre there. */
export function makeRealtime(redisUrl: string | undefined, prefix: string, metrics: Metrics): RealtimeServer {
  const redis = redisUrl ? new Redis(redisUrl) : undefined
  redis?.on('error', () => {})
  let attached: HttpServer | undefined
  const io = new Server({
    path: '/realtime',
    serveClient: false,
    maxHttpBufferSize: 16_384,
    // Who opens a socket and does not say for what is let go.
    connectTimeout: connectMs,
    ...(redis && {
      adapter: createAdapter(redis, { streamName: `${prefix}:pushes`, channelPrefix: `${prefix}:sockets` }),
    }),
  })
  io.on('connection', (socket: Socket) => {
    metrics.sockets.inc()
    socket.on('disconnect', () => metrics.sockets.dec())
  })
  // socket.io takes "to no room" for "to everybody".
  const toRooms = (rooms: string[], name: PushName | 'typing', payload: unknown) => {
    if (rooms.length === 0) return
    metrics.pushes.inc({ name })
    io.to(rooms).emit(name, payload)
  }
  return {
    io,
    ready: () => !redis || redis.status === 'ready',
    attach(server) {
      attached = server
      io.attach(server)
    },
    toKiosk: (id: string, name: PushName | 'typing', payload: unknown) => toRooms([`kiosk:${id}`], name, payload),
    toPhone: (number, name, payload) => toRooms([`telephone:phone:${number}`], name, payload),
    toOperator: (id: string, name: PushName | 'typing', payload: unknown) => toRooms([`account:${id}`], name, payload),
    toArea: (path, name, payload) => toRooms(areaRooms(path, 'area'), name, payload),
    toSupervisors: (path, name, payload) => toRooms(areaRooms(path, 'supervisors'), name, payload),
    toResponder: (id, name, payload) => toRooms([`responder:${id}`], name, payload),
    async responderIsHere(id) {
      const room = `responder:${id}`
      if (io.of('/').adapter.rooms.has(room)) return true
      // A process that has just died does not answer: then they are asked by another way as well.
      const elsewhere = io.in(room).fetchSockets()
      const found = await Promise.race([elsewhere.catch(() => []), pause(askedMsMax, [], { ref: false })])
      return found.length > 0
    },
    toLeaders: (name, payload) => toRooms(['leaders'], name, payload),
    toAll: (name, payload) => void io.emit(name, payload),
    disconnect: (whose) => void io.in(whose).disconnectSockets(true),
    async close() {
      // It closes the server that it hangs on, which waits for whoever has said half of something.
      const late = setTimeout(() => attached?.closeAllConnections(), lastAnswersMs)
      await io.close()
      clearTimeout(late)
      redis?.disconnect()
    },
  }
}
