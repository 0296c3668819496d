import { useSyncExternalStore } from 'react'
import { type CallRow, callRoutes } from '../../server/contracts/calls.ts'
import { call as ask } from '../lib/api.ts'
import { board } from '../lib/board.ts'
import { setTalking } from '../lib/headset.ts'
import { onConnected, onPush } from '../lib/socket.ts'
import { announce } from '../lib/sounds.ts'

const rereadEveryMs = 15_000
const ringAgainMs = 3_000

type Invitation = { callId: string; incidentId: string; from: string }

let me: string | undefined
let calls = new Map<string, CallRow>()
let invitations: Invitation[] = []
let joined = new Set<string>()
let shown: { calls: CallRow[]; invitations: Invitation[]; joined: Set<string> } = { calls: [], invitations: [], joined }
const watchers = new Set<() => void>()

function tell(): void {
  shown = { calls: [...calls.values()], invitations, joined }
  const mine = shown.calls.some((call) => talksWith(call))
  setTalking(mine || joined.size > 0)
  for (const watcher of watchers) watcher()
}

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
    calls = new Map()
    invitations = []
    joined = new Set()
    tell()
  }
}

export function apply(row: CallRow): void {
  const held = calls.get(row.id)
  if (held && held.version > row.version) return
  if (row.status === 'ended') calls.delete(row.id)
  else calls.set(row.id, row)
  tell()
}

async function reread(): Promise<void> {
  try {
    const { items } = await ask(callRoutes.calls, { query: { live: 'true', limit: 200 } })
    calls = new Map(items.map(({ row: _, ...call }) => [call.id, call]))
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

/** Somebody is on the line of an incident that I have in hand, and nobody talks with them. */
function waitingAtMe(): CallRow[] {
  return shown.calls.filter(
    (call) =>
      call.direction === 'in' &&
      (call.status === 'offered' || call.status === 'queued' || call.status === 'ringing') &&
      board.row(call.incidentId)?.ownerId === me,
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
export const useLiveCalls = (): CallRow[] => useShown().calls
export const useInvitations = (): Invitation[] => useShown().invitations
export const useJoined = (): string[] => [...useShown().joined]
/** The one I talk in, or that rings for me outside. */
export const useMyCall = (accountId: string): CallRow | undefined =>
  useShown().calls.find((call) => call.operatorId === accountId && call.medium === 'voice')
export function useWaitingAtMe(): CallRow[] {
  useShown()
  return waitingAtMe()
}
