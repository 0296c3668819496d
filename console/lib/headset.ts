import { useSyncExternalStore } from 'react'
import type { VoiceAnswer, VoiceState } from '../../server/contracts/voice.ts'
import { type NoMicrophone, openMicrophone } from './microphone.ts'
import { ask, onConnected, onPush, onSignal } from './socket.ts'
import { type Line, openLine } from './telephone.ts'

/**
 * The operator's telephone: one line that stays up between calls, so that answering takes no time. Its microphone is closed
 * until somebody is talked with: the track is off, and what leaves this page is silence.
 */
export type Headset = {
  status: 'off' | 'connecting' | 'up' | 'lost' | 'replaced' | 'fault'
  fault: NoMicrophone | string | undefined
  muted: boolean
  talking: boolean
}

const againAfterMs = [300, 1_000, 2_000, 4_000]
const wantedKey = 'yihu.headset'

let state: Headset = { status: 'off', fault: undefined, muted: false, talking: false }
let line: Line | undefined
let microphone: MediaStream | undefined
let opening: Promise<void> | undefined
let failures = 0
/** Counts the openings: one that was given up meanwhile must not leave a line or a microphone open. */
let attempt = 0
let timer: ReturnType<typeof setTimeout> | undefined
const watchers = new Set<() => void>()

function set(change: Partial<Headset>): void {
  state = { ...state, ...change }
  line?.mute(!state.talking || state.muted)
  for (const tell of watchers) tell()
}

/** Listens for what the server says of the line, and connects by itself where it was connected before. */
export function startHeadset(): () => void {
  const offs = [
    onSignal<VoiceState>('voice.state', ({ legId, state: told }) => {
      if (!line || legId !== line.legId) return
      if (told === 'up') {
        failures = 0
        set({ status: 'up', fault: undefined })
      } else if (told === 'replaced') close('replaced')
      else if (told === 'moved') void connectHeadset()
      else void again()
    }),
    // The other window was closed: the line comes back to this one.
    onPush<{ line?: boolean }>('presence.changed', ({ row }) => {
      if (row?.line === false && state.status === 'replaced') void connectHeadset()
    }),
    // A new connection to the server knows nothing of the old line.
    onConnected(() => wanted() && void connectHeadset()),
  ]
  return () => {
    for (const off of offs) off()
    close('off')
  }
}

const wanted = () => localStorage.getItem(wantedKey) === '1'

function close(status: Headset['status'], fault?: string): void {
  attempt += 1
  clearTimeout(timer)
  line?.close()
  line = undefined
  for (const track of microphone?.getTracks() ?? []) track.stop()
  microphone = undefined
  set({ status, fault })
}

/** Opens the line, or opens it anew; the next start of this page does so by itself. */
export function connectHeadset(): Promise<void> {
  localStorage.setItem(wantedKey, '1')
  opening ??= open().finally(() => {
    opening = undefined
  })
  return opening
}

async function open(): Promise<void> {
  clearTimeout(timer)
  attempt += 1
  const mine = attempt
  set({ status: state.status === 'lost' ? 'lost' : 'connecting', fault: undefined })
  try {
    microphone ??= await openMicrophone()
  } catch (reason) {
    return close('fault', reason as NoMicrophone)
  }
  if (mine !== attempt) {
    for (const track of microphone.getTracks()) track.stop()
    microphone = undefined
    return
  }
  for (const track of microphone.getAudioTracks()) {
    track.enabled = false
    track.onended = () => reopenHeadset() // unplugged: the usual one instead, or a plain word
  }
  // The old line stays until the new one is there: while it moves to another media host they are heard as long as can be.
  const before = line
  const opened = await openLine(
    microphone,
    (sdp) => ask<VoiceAnswer>('voice.open', { sdp }),
    () => opening || void again(), // one that breaks while its successor is opened is missed by nobody
  )
  if (mine !== attempt) return 'refused' in opened ? undefined : opened.close()
  if ('refused' in opened) return again(opened.refused)
  before?.close()
  line = opened
  set({})
}

/** Broken: offered again, a little later each time. A missing microphone is asked for anew. */
function again(fault?: string): void {
  set({ status: 'lost', fault })
  clearTimeout(timer)
  const wait = againAfterMs[Math.min(failures, againAfterMs.length - 1)]
  failures += 1
  timer = setTimeout(() => void connectHeadset(), wait)
}

export function disconnectHeadset(): void {
  localStorage.removeItem(wantedKey)
  close('off')
}

/** Another microphone or loudspeaker was chosen: the line is opened anew with it. */
export function reopenHeadset(): void {
  if (state.status === 'off') return
  for (const track of microphone?.getTracks() ?? []) track.stop()
  microphone = undefined
  void connectHeadset()
}

/** Somebody is talked with: only then the microphone is on. */
export const setTalking = (talking: boolean): void => {
  if (talking !== state.talking) set({ talking, muted: talking ? state.muted : false })
}
export const setMuted = (muted: boolean): void => set({ muted })
export const setVolume = (value: number): void => line?.volume(value)
export const heardLevel = (): number => line?.heard() ?? 0
export const spokenLevel = (): number => line?.spoken() ?? 0
/** The self-test: the microphone opens, and what is said comes back a second later. */
export async function echo(on: boolean): Promise<boolean> {
  const done = !('refused' in (await ask<object>('voice.echo', { on })))
  line?.mute(!(on && done) && (!state.talking || state.muted))
  return done
}

export function useHeadset(): Headset {
  return useSyncExternalStore(
    (tell) => {
      watchers.add(tell)
      return () => watchers.delete(tell)
    },
    () => state,
  )
}
