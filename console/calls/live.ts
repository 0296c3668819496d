import { useSyncExternalStore } from 'react'
import { type CallRow, callRoutes } from '../../server/contracts/calls.ts'
import { call as ask } from '../lib/api.ts'
import { board } from '../lib/board.ts'
import { serverNow, useSecond } from '../lib/clock.ts'
import { setTalking } from '../lib/headset.ts'
import { makeLiveList } from '../lib/live-list.ts'
import { tellMedia } from '../lib/on-the-line.ts'
import { onConnected, onPush } from '../lib/socket.ts'
import { announce } from '../lib/sounds.ts'

const rereadEveryMs = 15_000
const ringAgainMs = 3_000
const unseenAfterMs = 1_500
/** The owner has so long to answer; then anybody may (the server's rule). */
const ownersTurnMs = 20_000

type Invitation = { callId: string; incidentId: string; from: string }

let me: string | undefined
const calls = makeLiveList<CallRow>()
let invitations: Invitation[] = []
let joined = new Set<string>()
type Shown = { calls: CallRow[]; invitations: Invitation[]; joined: Set<string>; unread: Set<string> }
let shown: Shown = { calls: [], invitations: [], joined, unread: new Set() }
const watchers = new Set<() => void>()

function tell(): void {
  shown = { calls: calls.all(), invitations, joined, unread }
  tellMedia(shown.calls.filter((call) => call.direction === 'in'))
  const mine = shown.calls.some((call) => talksWith(call))
  setTalking(mine || joined.size > 0)
  for (const watcher of watchers) watcher()
}

/** My conversations in writing with a line that I have not seen. */
let unread = new Set<string>()
const handedOver = new Set<string>()
/** Was it a colleague's, in which I was? Told once. */
export const wasHandedOver = (callId: string): boolean => handedOver.delete(callId)
const seenTexts = new Map<string, number>()

/** The pane shows this conversation: nothing of it is unread. */
export function sawTexts(callId: string, version: number): void {
  seenTexts.set(callId, Math.max(version, seenTexts.get(callId) ?? 0))
  if (!unread.has(callId)) return
  unread = new Set([...unread].filter((one) => one !== callId))
  tell()
}
const isMyText = (call: CallRow) => call.medium === 'text' && call.operatorId === me && call.status === 'answered'

/** Am I heard in it? Not while the caller still hears the greeting; on hold only by a third. */
const talksWith = (call: CallRow) =>
  call.operatorId === me &&
  call.medium === 'voice' &&
  (call.status === 'answered' || call.status === 'held') &&
  !call.greeting

/** The calls of my area, live: asked at the start and after each gap, then kept by pushes. */
export function startCalls(accountId: string): () => void {
  me = accountId
  const offs = [
    onPush<CallRow>('call.changed', ({ id, row }) => {
      if (row) apply(row)
      // Without a row it is for me alone: a colleague asks me into a conversation.
      else void rereadInvitations()
      if (joined.has(id) && row?.operatorId === me) handedOver.add(id)
      if (joined.has(id) && row && (row.status === 'ended' || row.operatorId === me)) leave(id)
    }),
    onConnected(() => void reread()),
  ]
  const timer = setInterval(() => void reread(), rereadEveryMs)
  const ring = setInterval(() => {
    if (invitations.length > 0 || waitingAtMe().length > 0) announce()
  }, ringAgainMs)
  return () => {
    for (const off of offs) off()
    clearInterval(timer)
    clearInterval(ring)
    calls.clear()
    invitations = []
    joined = new Set()
    tell()
  }
}

export function apply(row: CallRow): void {
  const held = calls.get(row.id)
  if (!calls.tell(row, row.status !== 'ended')) return
  if (held && isMyText(row) && isMyText(held) && row.version > held.version) {
    // Seen already when the pane is open; it says so a moment later.
    setTimeout(() => {
      if ((seenTexts.get(row.id) ?? 0) >= row.version) return
      unread = new Set([...unread, row.id])
      announce()
      tell()
    }, unseenAfterMs)
  }
  tell()
}

async function reread(): Promise<void> {
  try {
    await calls.ask(async () => {
      const { items } = await ask(callRoutes.calls, { query: { live: 'true', limit: 200 } })
      return items.map(({ row: _, ...call }) => call)
    })
    await rereadInvitations()
  } catch {
    // The connection state says so already; the next round asks again.
  }
}

async function rereadInvitations(): Promise<void> {
  const { items } = await ask(callRoutes.invitations)
  invitations = items.map(({ call, from }) => ({ callId: call.id, incidentId: call.incidentId, from }))
  tell()
}

/** I have joined a colleague's conversation; I leave it when it ends, when it becomes mine, or by my own word. */
export function join(callId: string): void {
  joined = new Set([...joined, callId])
  invitations = invitations.filter((one) => one.callId !== callId)
  tell()
}
export function leave(callId: string): void {
  joined = new Set([...joined].filter((one) => one !== callId))
  tell()
}

function waitsForMe(call: CallRow): boolean {
  const row = board.row(call.incidentId)
  if (!row?.ownerId) return false // it rings as an offer
  if (row.ownerId === me) return true
  return serverNow() - Date.parse(call.waitingSince ?? call.offeredAt) > ownersTurnMs
}

/** Somebody is on the line of an incident in hand, and nobody talks with them: at its owner, later at everybody. */
function waitingAtMe(): CallRow[] {
  return shown.calls.filter(
    (call) =>
      (call.direction === 'in' || call.answeredAt !== null) &&
      (call.status === 'offered' || call.status === 'queued' || call.status === 'ringing') &&
      waitsForMe(call),
  )
}

function useShown() {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    () => shown,
  )
}
export const useInvitations = (): Invitation[] => useShown().invitations
export const useJoined = (): string[] => [...useShown().joined]
/** The one I talk in, or that rings for me outside. */
export const useMyCall = (accountId: string): CallRow | undefined =>
  useShown().calls.find((call) => call.operatorId === accountId && call.medium === 'voice')
export const useMyTexts = (): { call: CallRow; unread: boolean }[] => {
  const { calls: all, unread: news } = useShown()
  return all.filter(isMyText).map((call) => ({ call, unread: news.has(call.id) }))
}
export function useWaitingAtMe(): CallRow[] {
  useShown()
  useSecond() // after the owner's turn it waits at everybody
  return waitingAtMe()
}
