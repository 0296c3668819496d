import { useSyncExternalStore } from 'react'
import { io, type Socket } from 'socket.io-client'
import { beatEveryMs, type Pulse, type Push, type PushName, pulseEveryMs } from '../../server/contracts/realtime.ts'
import { learnServerTime } from './clock.ts'

export type Connection = { live: boolean; since: number }

// One missed pulse and a little: the operator must see a lost network within 3 s.
const silentAfterMs = pulseEveryMs + 900

let socket: Socket | undefined
let connection: Connection = { live: false, since: Date.now() }
let lastPulse = 0
const watchers = new Set<() => void>()
const listeners = new Map<string, Set<(payload: never) => void>>()
const onAgain = new Set<() => void>()
const onRefused = new Set<() => void>()
// The session may have ended, or the roles changed: asked again, but not as fast as the network allows.
const refusedAgainMs = 2_000
// The media process answers an offer in milliseconds, with a slow STUN server in five seconds.
const acknowledgedWithinMs = 8_000

function setLive(live: boolean): void {
  if (connection.live === live) return
  connection = { live, since: Date.now() }
  for (const tell of watchers) tell()
  if (live) for (const again of onAgain) again()
}

setInterval(() => {
  if (connection.live && Date.now() - lastPulse > silentAfterMs) setLive(false)
}, 250)

/** Who a page without a session is: a responder's link, a kiosk's key, a pretend telephone's number. */
export type Auth = { responder: string } | { kiosk: string } | { phone: string }

/** Opens the one connection of this page. Reconnects for ever by itself. */
export function connect(auth?: Auth): void {
  if (socket) return
  socket = io({
    path: '/realtime',
    transports: ['websocket', 'polling'],
    reconnectionDelay: 300,
    reconnectionDelayMax: 2000,
    timeout: 4000,
    ...(auth && { auth }),
  })
  const opened = socket
  let lastBeat = 0
  const beat = () => {
    lastBeat = Date.now()
    opened.emit('beat', () => {})
  }
  opened.on('connect', beat)
  opened.on('pulse', (pulse: Pulse) => {
    lastPulse = Date.now()
    learnServerTime(pulse.serverTime)
    setLive(true)
    // Not by a timer of the page: a browser lets those of a hidden tab run once a minute, and the claims would go stale.
    if (lastPulse - lastBeat >= beatEveryMs) beat()
  })
  opened.on('disconnect', (reason) => {
    setLive(false)
    if (reason === 'io server disconnect') refused(opened)
  })
  opened.on('connect_error', () => {
    if (!opened.active) refused(opened)
  })
  opened.onAny((name: string, payload: unknown) => {
    for (const tell of listeners.get(name) ?? []) tell(payload as never)
  })
}

/** The server wants us no more as we are; socket.io does not come back from that by itself. */
function refused(opened: Socket): void {
  for (const tell of onRefused) tell()
  setTimeout(() => socket === opened && opened.connect(), refusedAgainMs)
}

/** The server ended the connection or did not take it: somebody should ask whether the session still holds. */
export function onSessionDoubt(tell: () => void): () => void {
  onRefused.add(tell)
  return () => void onRefused.delete(tell)
}

export function disconnect(): void {
  socket?.close()
  socket = undefined
  setLive(false)
}

/** Asks the server and waits for its acknowledgement; `outage` when there is none in time. */
export async function ask<Answer>(name: string, question: object = {}): Promise<Answer | { refused: string }> {
  if (!socket) return { refused: 'outage' }
  try {
    return (await socket.timeout(acknowledgedWithinMs).emitWithAck(name, question)) as Answer
  } catch {
    return { refused: 'outage' }
  }
}

/** Tells the server something that it may lose. */
export const hint = (name: 'typing', payload: object): void => void socket?.volatile.emit(name, payload)

/** What is told to a telephone or to who writes; not one of the pushes. */
export function onSignal<Payload>(
  name: 'voice.state' | 'voice.ring' | 'typing',
  tell: (payload: Payload) => void,
): () => void {
  const set = listeners.get(name) ?? new Set()
  set.add(tell as (payload: never) => void)
  listeners.set(name, set)
  return () => void set.delete(tell as (payload: never) => void)
}

export function onPush<Row>(name: PushName, tell: (push: Push<Row>) => void): () => void {
  const set = listeners.get(name) ?? new Set()
  set.add(tell as (payload: never) => void)
  listeners.set(name, set)
  return () => void set.delete(tell as (payload: never) => void)
}

/** Pushes may have been lost meanwhile: ask again. Called each time the connection comes alive. */
export function onConnected(again: () => void): () => void {
  onAgain.add(again)
  if (connection.live) again()
  return () => void onAgain.delete(again)
}

export function useConnection(): Connection {
  return useSyncExternalStore(
    (tell) => {
      watchers.add(tell)
      return () => watchers.delete(tell)
    },
    () => connection,
  )
}
