import { useSyncExternalStore } from 'react'

/** What rings on until it is answered; a leader's tone sounds once. */
export type Ring = 'life' | 'ordinary' | 'technical'
type Tone = Ring | 'leader'
export const toneOf = (incidentClass: number): Ring =>
  incidentClass === 1 ? 'life' : incidentClass === 4 ? 'technical' : 'ordinary'

// Different in pitch and in rhythm, so that they are told apart by ear alone: [Hz, start s, length s].
const scores: Record<Tone, [number, number, number][]> = {
  life: [
    [988, 0, 0.12],
    [784, 0.15, 0.12],
    [988, 0.3, 0.12],
    [784, 0.45, 0.12],
    [988, 0.6, 0.12],
    [784, 0.75, 0.12],
  ],
  ordinary: [
    [587, 0, 0.25],
    [740, 0.3, 0.35],
  ],
  technical: [[330, 0, 0.12]],
  // Three steps upward, once: somebody should look, nothing is to be picked up.
  leader: [
    [440, 0, 0.1],
    [554, 0.12, 0.1],
    [659, 0.24, 0.22],
  ],
}
const everyMs: Record<Ring, number> = { life: 1600, ordinary: 3000, technical: 6000 }
// Several alerts at once are one call to look.
const announceEveryMs = 5_000

let context: AudioContext | undefined
let muted = localStorage.getItem('yihu.muted') === '1'
let ringing: { tone: Ring; soft: boolean; timer: ReturnType<typeof setInterval> } | undefined
// Heard beside a voice in the ear, and not over it.
const softly = 0.35
const watchers = new Set<() => void>()
const tell = () => {
  for (const watcher of watchers) watcher()
}

// A browser lets a page sound only after a gesture; until then the header says that it cannot.
function unlock(): void {
  context ??= new AudioContext()
  void context.resume().then(tell)
}
for (const gesture of ['pointerdown', 'keydown'])
  window.addEventListener(gesture, unlock, { once: true, capture: true })

function play(tone: Tone, soft = false): void {
  if (context?.state !== 'running' || (muted && tone !== 'life')) return
  const now = context.currentTime + 0.02
  for (const [hz, start, length] of scores[tone]) {
    const voice = context.createOscillator()
    const volume = context.createGain()
    voice.frequency.value = hz
    voice.type = tone === 'technical' ? 'square' : 'sine'
    volume.gain.setValueAtTime(0, now + start)
    volume.gain.linearRampToValueAtTime((tone === 'life' ? 0.4 : 0.22) * (soft ? softly : 1), now + start + 0.015)
    volume.gain.linearRampToValueAtTime(0, now + start + length)
    voice.connect(volume).connect(context.destination)
    voice.start(now + start)
    voice.stop(now + start + length + 0.02)
  }
}

/** Rings on until told otherwise, `soft` while they talk; called straight from the socket, so that a busy page does not delay it. */
export function ring(tone: Ring | undefined, soft = false): void {
  if (ringing?.tone === tone && (!ringing || ringing.soft === soft)) return
  if (ringing) clearInterval(ringing.timer)
  ringing = undefined
  if (!tone) return
  play(tone, soft)
  ringing = { tone, soft, timer: setInterval(() => play(tone, soft), everyMs[tone]) }
}

let announcedAt = Number.NEGATIVE_INFINITY
/** A leader should look; the page says at what. */
export function announce(): void {
  if (performance.now() - announcedAt < announceEveryMs) return
  announcedAt = performance.now()
  play('leader')
}

export function setMuted(value: boolean): void {
  muted = value
  localStorage.setItem('yihu.muted', value ? '1' : '0')
  tell()
}

const state = () => (context?.state !== 'running' ? 'locked' : muted ? 'muted' : 'on')

export function useSound(): 'locked' | 'muted' | 'on' {
  return useSyncExternalStore((watcher) => {
    watchers.add(watcher)
    return () => watchers.delete(watcher)
  }, state)
}
