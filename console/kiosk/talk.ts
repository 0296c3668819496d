import { useEffect, useSyncExternalStore } from 'react'
import type { TextLine } from '../../server/contracts/calls.ts'
import type { KioskCall } from '../../server/contracts/kiosk.ts'
import { ApiError } from '../lib/api.ts'
import { onConnected, onPush } from '../lib/socket.ts'

/** A line of this side; its id is made here, so that sending it twice on a slow line stores it once. */
export type Line = { clientId: string; text: string }

/** How a conversation in writing reaches the centre. */
export type Wire = {
  begin(line: Line): Promise<KioskCall>
  look(id: string): Promise<KioskCall>
  write(id: string, line: Line): Promise<KioskCall>
  end(id: string): Promise<KioskCall>
}

export type TalkState = {
  id: string | undefined
  stage: 'new' | 'waiting' | 'answered' | 'held' | 'ended'
  position: number
  texts: TextLine[]
  /** Written and not yet with the centre, in order. They go as soon as there is a network. */
  unsent: Line[]
  offline: boolean
  /** A line that the centre cannot take, given back to be written otherwise. */
  refused: string | undefined
}

export type Talk = {
  state(): TalkState
  watch(tell: () => void): () => void
  send(text: string): void
  /** Sends what waits, or asks how it stands. One thing at a time, so that answers never overtake each other. */
  tick(): Promise<void>
  /** What was refused has been put back into the field. */
  takenBack(): void
  /** The person goes: nobody waits for them any more. */
  leave(): Promise<void>
}

// crypto.randomUUID is there on secure pages only; writing must work where talking cannot.
const randomId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')

const stages: Record<KioskCall['status'], TalkState['stage']> = {
  offered: 'waiting',
  queued: 'waiting',
  ringing: 'waiting',
  answered: 'answered',
  held: 'held',
  ended: 'ended',
}
const leaveTries = 3

/** One conversation in writing, kept in memory alone: the next person at this screen must not find it. */
export function makeTalk(wire: Wire, newId: () => string = randomId): Talk {
  let state: TalkState = {
    id: undefined,
    stage: 'new',
    position: 0,
    texts: [],
    unsent: [],
    offline: false,
    refused: undefined,
  }
  let busy = false
  let again = false
  let left = false
  const watchers = new Set<() => void>()
  const set = (change: Partial<TalkState>) => {
    state = { ...state, ...change }
    for (const tell of watchers) tell()
  }
  const heard = ({ id, status, position, texts }: KioskCall) =>
    set({ id, stage: stages[status], position, texts, offline: false })

  /** False when there is nothing more to do for now. */
  async function step(): Promise<boolean> {
    const [line] = state.unsent
    if (state.stage === 'ended' || left) return false
    if (!line) {
      if (state.id) heard(await wire.look(state.id))
      return false
    }
    try {
      const said = state.id ? await wire.write(state.id, line) : await wire.begin(line)
      state = { ...state, unsent: state.unsent.slice(1) }
      heard(said)
    } catch (error) {
      const code = error instanceof ApiError ? error.code : 'outage'
      if (code !== 'invalid' && code !== 'bad-request') throw error
      set({ unsent: state.unsent.slice(1), refused: line.text })
    }
    return state.unsent.length > 0
  }

  async function tick(): Promise<void> {
    again = busy
    if (busy) return
    busy = true
    try {
      do again = false
      while ((await step()) || again)
    } catch (error) {
      const code = error instanceof ApiError ? error.code : 'outage'
      // Over while we were not looking; the rest says nothing of the conversation, and is tried again.
      if (code === 'call-over' || code === 'not-found') set({ stage: 'ended', offline: false })
      else set({ offline: true })
    }
    busy = false
  }

  return {
    state: () => state,
    watch(tell) {
      watchers.add(tell)
      return () => watchers.delete(tell)
    },
    send(text) {
      const line = { clientId: newId(), text: text.trim() }
      if (!line.text) return
      set({ unsent: [...state.unsent, line], refused: undefined })
      void tick()
    },
    tick,
    takenBack: () => set({ refused: undefined }),
    async leave() {
      left = true
      const { id, stage } = state
      for (let i = 0; id && stage !== 'ended' && i < leaveTries; i++) {
        // When none arrives, the centre notices by itself that nobody asks any more.
        const gone = await wire.end(id).then(
          () => true,
          () => false,
        )
        if (gone) return
      }
    },
  }
}

const lookEveryMs = 2_000

/** Follows a conversation as long as it is on the screen: every 2 s, when the centre says so, and after each reconnect. */
export function useTalk(talk: Talk): TalkState {
  useEffect(() => {
    const tick = () => void talk.tick()
    const timer = setInterval(tick, lookEveryMs)
    const offs = [onPush('call.changed', ({ id }) => id === talk.state().id && tick()), onConnected(tick)]
    return () => {
      clearInterval(timer)
      for (const off of offs) off()
    }
  }, [talk])
  return useSyncExternalStore(talk.watch, talk.state)
}
