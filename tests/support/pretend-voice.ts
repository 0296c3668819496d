import { randomUUID } from 'node:crypto'
import { operatorLegId, type Voice, type VoiceAddress, type VoiceEvent } from '../../server/contracts/voice.ts'

type Take = (event: VoiceEvent) => Promise<void>

/**
 * A carrier without sound: it keeps what it was told, and says what a test lets happen. The rooms cannot tell it from a
 * real one, since they know the Voice port only; the journeys run on the real one.
 */
export function pretendVoice(now: () => Date) {
  const rooms = new Map<string, string[]>()
  /** By call: who of the room is heard by some alone. */
  const only = new Map<string, Record<string, string[]>>()
  const playing = new Map<string, { prompts: string[]; token: string }>()
  const recording = new Map<string, string>()
  const placed: { callId: string; legId: string; to: VoiceAddress }[] = []
  const hungUp: string[] = []
  const states = new Map<string, 'up' | 'there'>()
  /** Keys that were pressed at the far end of a leg. */
  const pressed: string[] = []
  let keysTaken = true
  let reachable = true
  let take: Take = async () => {}
  const voice: Voice = {
    reaches: async () => reachable,
    legState: (legId) => states.get(legId) ?? 'gone',
    async place(order) {
      placed.push(order)
      return reachable ? 'ringing' : 'unreachable'
    },
    async bridge(callId, legs, narrowed = {}) {
      only.set(callId, narrowed)
      for (const leg of legs) playing.delete(leg)
      if (legs.length > 0) rooms.set(callId, legs)
      else rooms.delete(callId)
    },
    async play(legId, { prompts, token }) {
      playing.set(legId, { prompts, token })
    },
    async record(callId, to) {
      if (to) recording.set(callId, to.recordingId)
      else recording.delete(callId)
    },
    async hangUp(legId, _because, clearing) {
      if (hungUp.includes(legId)) return
      hungUp.push(legId)
      if (clearing) pressed.push(`${legId} ${clearing.keys}`)
    },
    async press(legId, keys) {
      if (!keysTaken) return 'no-keys'
      pressed.push(`${legId} ${keys}`)
      return 'pressed'
    },
  }
  const operator = (accountId: string) => ({ kind: 'operator' as const, accountId })
  const phone = (number: string | null) => ({ kind: 'phone' as const, number })
  const say = (event: object) => take({ at: now(), ...event } as VoiceEvent)
  return {
    voice,
    rooms,
    only,
    playing,
    recording,
    placed,
    hungUp,
    pressed,
    takesKeys(value: boolean) {
      keysTaken = value
    },
    onEvent(handler: Take) {
      take = handler
    },
    say,
    /** What telephony itself says of its legs. */
    states,
    reachable(value: boolean) {
      reachable = value
    },
    /** An operator's telephone connects, or goes. */
    headset: (accountId: string, up = true) =>
      say({
        type: up ? 'leg-up' : 'leg-down',
        callId: null,
        legId: operatorLegId(accountId),
        party: operator(accountId),
        ...(!up && { because: 'lost' }),
      }),
    /** Somebody dials; their leg is up at once. */
    async dial(number: string | null, kiosk?: string): Promise<{ callId: string; legId: string }> {
      const ids = { callId: randomUUID(), legId: randomUUID() }
      const party = kiosk ? { kind: 'kiosk' as const, deviceId: kiosk } : phone(number)
      await say({ type: 'arrived', ...ids, party, line: 'web', locale: 'zh-CN' })
      await say({ type: 'leg-up', ...ids, party })
      return ids
    },
    heardGreeting: (callId: string, legId: string) =>
      say({ type: 'played', legId, token: `greeting:${callId}|${callId}` }),
    answers: (legId: string) => say({ type: 'leg-up', callId: null, legId, party: phone(null) }),
    goes: (legId: string, because = 'hung-up') =>
      say({ type: 'leg-down', callId: null, legId, party: phone(null), because }),
  }
}
