import { useSyncExternalStore } from 'react'
import type { PromptLocale, VoiceAnswer, VoiceRing, VoiceState } from '../../server/contracts/voice.ts'
import { type NoMicrophone, openMicrophone } from './microphone.ts'
import { ask, onSignal } from './socket.ts'
import { type Line, openLine } from './telephone.ts'

/** A caller's telephone in a page: a kiosk or a pretend one. At most one call at a time. */
export type PhoneState =
  | { status: 'idle'; ended?: VoiceState['because']; fault?: NoMicrophone | string }
  | { status: 'ringing'; legId: string; callId: string }
  | { status: 'connecting' }
  | { status: 'up'; legId: string; callId: string | undefined; lost: boolean }

const redialEveryMs = 1_000

let state: PhoneState = { status: 'idle' }
let line: Line | undefined
let microphone: MediaStream | undefined
/** Which try to connect is the newest: one that was given up while it waited must not come up afterwards. */
let attempt = 0
const watchers = new Set<() => void>()

function set(next: PhoneState): void {
  state = next
  for (const tell of watchers) tell()
}

/** Listens for calls to this telephone; the connection must have been opened as a kiosk or a pretend telephone. */
export function startPhone(): () => void {
  const offs = [
    onSignal<VoiceRing>('voice.ring', ({ legId, callId }) => {
      if (state.status === 'idle') set({ status: 'ringing', legId, callId })
    }),
    onSignal<VoiceState>('voice.state', ({ legId, state: told, because }) => {
      const mine = 'legId' in state && state.legId === legId
      if (!mine) return
      if (told === 'ended' || told === 'replaced') hangDown(because)
      else if (state.status === 'up') {
        set({ ...state, lost: told === 'lost' })
        if (told === 'lost') void redial(legId)
      }
    }),
  ]
  return () => {
    for (const off of offs) off()
    hangDown()
  }
}

function hangDown(ended?: VoiceState['because'], fault?: string): void {
  attempt++
  line?.close()
  line = undefined
  if (microphone) silence(microphone)
  microphone = undefined
  set({ status: 'idle', ...(ended && { ended }), ...(fault && { fault }) })
}

async function open(offer: (sdp: string) => Promise<VoiceAnswer | { refused: string }>): Promise<void> {
  const mine = ++attempt
  set({ status: 'connecting' })
  let stream: MediaStream
  try {
    stream = microphone ?? (await openMicrophone())
  } catch (reason) {
    return mine === attempt ? hangDown(undefined, reason as NoMicrophone) : undefined
  }
  if (mine !== attempt) return silence(stream)
  microphone = stream
  line?.close()
  const opened = await openLine(stream, offer, () => {
    if (state.status !== 'up') return
    set({ ...state, lost: true })
    void redial(state.legId)
  })
  if (mine !== attempt) return giveUp(opened)
  if ('refused' in opened) return hangDown(undefined, opened.refused)
  line = opened
  set({ status: 'up', legId: opened.legId, callId: opened.callId, lost: false })
}

const silence = (stream: MediaStream): void => {
  for (const track of stream.getTracks()) track.stop()
}

/** Hung up while it was still being connected: the server hears of it as soon as there is something to hang up. */
async function giveUp(opened: Line | { refused: string }): Promise<void> {
  if ('refused' in opened) return
  opened.close()
  await ask('voice.hang-up', { legId: opened.legId })
}

export const dial = (locale: PromptLocale, lineName = 'web'): Promise<void> =>
  open((sdp) => ask<VoiceAnswer>('voice.dial', { sdp, locale, line: lineName }))

export async function pickUp(): Promise<void> {
  if (state.status !== 'ringing') return
  const { legId } = state
  await open((sdp) => ask<VoiceAnswer>('voice.answer', { legId, sdp }))
  // It could not be picked up here, for want of a microphone perhaps: who calls shall not wait for it.
  if (phoneState().status === 'idle') await ask('voice.hang-up', { legId })
}

/** Hangs up, or declines what rings. */
export async function hangUp(): Promise<void> {
  const legId = 'legId' in state ? state.legId : undefined
  hangDown()
  if (legId) await ask('voice.hang-up', { legId })
}

/** The connection broke: offered again until the server says that the call is over. */
async function redial(legId: string): Promise<void> {
  while (state.status === 'up' && state.legId === legId && state.lost && microphone) {
    line?.close()
    const opened = await openLine(
      microphone,
      (sdp) => ask<VoiceAnswer>('voice.redial', { legId, sdp }),
      () => {},
    )
    if (!('refused' in opened)) {
      line = opened
      return
    }
    if (opened.refused === 'bad-request') return hangDown('lost')
    await new Promise((later) => setTimeout(later, redialEveryMs))
  }
}

const phoneState = (): PhoneState => state

export function usePhone(): PhoneState {
  return useSyncExternalStore((tell) => {
    watchers.add(tell)
    return () => watchers.delete(tell)
  }, phoneState)
}
/** A key, while the line is up. */
export const pressKey = (key: string): void => line?.press(key)
/** How loud the other side is, 0 … 1; for a meter that shows a deaf or doubtful person that somebody speaks. */
export const heardLevel = (): number => line?.heard() ?? 0
