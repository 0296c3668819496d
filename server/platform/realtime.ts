import type { Server as HttpServer } from 'node:http'
import { createAdapter } from '@socket.io/redis-streams-adapter'
import { Redis } from 'ioredis'
import { Server, type Socket } from 'socket.io'
import type { PushName } from '../contracts/realtime.ts'
import type { Metrics } from './metrics.ts'

/** Pushes are hints: never awaited, never retried, free of personal data. */
export type Realtime = {
  /** To everybody whose scope holds this area: rooms are the area's own and its ancestors'. */
  toArea(areaPath: string, name: PushName, payload: unknown): void
  toSupervisors(areaPath: string, name: PushName, payload: unknown): void
  toResponder(responderId: string, name: PushName, payload: unknown): void
  toAll(name: PushName | 'pulse', payload: unknown): void
}

export type RealtimeServer = Realtime & {
  io: Server
  attach(server: HttpServer): void
  ready(): boolean
  close(): Promise<void>
}

const areaRooms = (path: string, kind: string) =>
  path
    .split('/')
    .filter(Boolean)
    .map((id) => `${kind}:${id}`)

/** socket.io in memory, or with the Redis streams adapter when several processes serve. */
export function makeRealtime(redisUrl: string | undefined, metrics: Metrics): RealtimeServer {
  const redis = redisUrl ? new Redis(redisUrl) : undefined
  redis?.on('error', () => {})
  const io = new Server({
    path: '/realtime',
    serveClient: false,
    maxHttpBufferSize: 16_384,
    ...(redis && { adapter: createAdapter(redis) }),
  })
  io.on('connection', (socket: Socket) => {
    metrics.sockets.inc()
    socket.on('disconnect', () => metrics.sockets.dec())
  })
  return {
    io,
    ready: () => !redis || redis.status === 'ready',
    attach: (server) => void io.attach(server),
    toArea: (path, name, payload) => void io.to(areaRooms(path, 'area')).emit(name, payload),
    toSupervisors: (path, name, payload) => void io.to(areaRooms(path, 'supervisors')).emit(name, payload),
    toResponder: (id, name, payload) => void io.to(`responder:${id}`).emit(name, payload),
    toAll: (name, payload) => void io.emit(name, payload),
    async close() {
      await io.close()
      redis?.disconnect()
    },
  }
}
