import { z } from 'zod'
import { idParams, route } from './route.ts'
import { type AlarmType, alarmTypes, type DeviceKind, type Protocol } from './vocabulary.ts'

/** What every alarm protocol is decoded to. `sequence` counts up at the device and names the press for ever. */
export const alarmSignal = z.object({
  sequence: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  /** One that we do not know is taken as a press of the button. */
  type: z.enum(alarmTypes).catch('button'),
  /** The device's clock; left out when it has none. */
  pressedAt: z.iso.datetime({ offset: true }).optional().catch(undefined),
  /** 0 empty … 1 full. */
  battery: z.number().min(0).max(1).optional().catch(undefined),
  position: z
    .object({ lat: z.number().min(-90).max(90), lon: z.number().min(-180).max(180) })
    .optional()
    .catch(undefined),
})
/** Everything but the sequence may be wrong without costing the alarm: it is left out, and the receipt says so. */
export type AlarmSignal = z.infer<typeof alarmSignal>

/**
 * `clock-adrift`: the device's clock is more than 5 minutes off ours · `late`: pressed long before it reached us ·
 * `sequence-reused`: the device counts anew · `field-ignored`: a field could not be read · `unknown-type`: taken as a press ·
 * `silent`: whoever forces them may hear the telephone, so do not call back · `first-test`: the first presses after it was installed: ask
 * by voice, and confirm · `call-resident`: they are frail, so ring them · `known-fault`: told before and not over yet; nothing new was
 * opened · `position-none`: 0,0, as of a receiver without a fix; the home stands · `position-far`: so far from home that it decides
 * nothing; ask where they are · `file-closed`: of somebody who moved away or died · `pressed-in-test`: pressed again and again in test, so somebody asks · `in-test`: stored as a test, nobody is called · `out-of-service`: the device should not be in use; handled all the same.
 */
export const alarmNotes = [
  'clock-adrift',
  'late',
  'in-test',
  'out-of-service',
  'low-battery',
  'sequence-reused',
  'field-ignored',
  'unknown-type',
  'silent',
  'first-test',
  'call-resident',
  'known-fault',
  'pressed-in-test',
  'position-none',
  'position-far',
  'file-closed',
] as const

export const alarmReceipt = z.object({
  alarmId: z.uuid(),
  incidentId: z.uuid().nullable(),
  duplicate: z.boolean(),
  notes: z.array(z.enum(alarmNotes)),
})
export type AlarmReceipt = z.infer<typeof alarmReceipt>

/** A device as its protocol knows it; `secret` where the protocol works with one. */
export type AlarmDevice = {
  id: string
  protocol: Protocol
  account: string
  kind: DeviceKind
  /** The gateway through which it reports. */
  gatewayId: string | undefined
  secret: string | undefined
  /** Changes with its key; undefined without one. */
  keyHash: string | undefined
  /** What its type does otherwise than others. */
  quirks?: Record<string, string | number | boolean>
}

/** What tells the order of a device's words: its counter, and its clock. */
export type Stamp = { number?: number | undefined; at?: string | undefined }

/** What a protocol has decoded. `said` is the device's own words, for the operator. */
export type DeviceSignal = AlarmSignal & {
  said: string
  /** Which zone, detector or line of the device it is about, where it has several. */
  part?: string
  warnings?: AlarmReceipt['notes']
  /** Within this time the same sequence is the same press; without it, a day. */
  sentAgainWithinMs?: number
  /** Somebody is to be spoken with through it: it is told to call us, or it asks to be called. */
  voice?: 'calls' | 'asks'
  /** The telephone number of the device itself (E.164), when it says one. */
  ownNumber?: string
  stamp?: Stamp
}

/** What we say of a device ourselves, beside the words of devices: a code, which a page puts into words, and its numbers. */
export const ownWords = [
  'no-heartbeat',
  'lost-at-once',
  'heard-again',
  'heard-again-of',
  'battery',
  'pressed-in-test',
  'unheard-in-test-call',
] as const
export const ourWords = (code: (typeof ownWords)[number], ...numbers: number[]): string =>
  ['yihu:', code, ...numbers].join(' ')

/** What a device says beside alarms; it goes with the open matter of its resident, and opens none. */
export const deviceNotes = ['restored', 'cancelled', 'carer-present', 'carer-left', 'information'] as const
export type DeviceNote = {
  note: (typeof deviceNotes)[number]
  /** What was restored; without it, all that was broken. */
  type?: AlarmType
  /** As that of a signal. */
  part?: string
  said: string
  /** As that of a signal: the same again is the same word. */
  sequence: number
  stamp?: Stamp
}
/** That a device is there. `anew`: it has pressed, and its words count from here, also when its counter or clock began anew. */
export type HeardReport = { battery?: number; stamp?: Stamp | undefined; anew?: boolean }

/** Why a signal of nobody we know is looked at by a person: somebody may be behind it, or somebody who means harm. */
export const strangerReasons = ['unknown-account', 'wrong-secret', 'unreadable', 'revoked', 'said-before'] as const
export type Stranger = {
  protocol: Protocol
  account: string
  said: string
  because: (typeof strangerReasons)[number]
}

/** Where the protocols of alarm devices bring what they hear; the only thing of the server that they see. */
export type AlarmIn = {
  /** By its account at its protocol; undefined when nobody has it. */
  device(protocol: Protocol, account: string): Promise<AlarmDevice | undefined>
  /** Whose key this is, for protocols in which nothing else says who speaks. */
  holder(key: string): Promise<AlarmDevice | undefined>
  /** Is this its key? For protocols whose devices show it. */
  holds(device: AlarmDevice, key: string): boolean
  /** Resolves when it is committed: only then is the device answered. Rejects when it could not be: the device shall try again. */
  receive(device: AlarmDevice, signal: DeviceSignal): Promise<AlarmReceipt>
  /**
   * Committed with the timeline of the open matter; nothing is opened by it, and nothing closed. False when it was said before what
   * the device said last: then it is nobody's word, and a person sees that.
   */
  noted(device: AlarmDevice, note: DeviceNote): Promise<boolean>
  /** Is this a word of now, by the numbers and stamps of this device? Else a person sees that it was said. */
  isOfNow(device: AlarmDevice, stamp: Stamp, said: string): Promise<boolean>
  /** Is somebody spoken with through it already? Then it is not told to call once more. */
  isInCall(device: AlarmDevice): Promise<boolean>
  /** It has reported, and nobody is in need. Kept in memory and written in bulk. */
  heard(device: AlarmDevice, report?: HeardReport): void
  /** Stored for a person to look at; the same again only counts up. */
  strange(stranger: Stranger): Promise<void>
}

export const alarmView = z.object({
  id: z.uuid(),
  deviceId: z.uuid(),
  sequence: z.number(),
  type: z.enum(alarmTypes),
  pressedAt: z.iso.datetime(),
  receivedAt: z.iso.datetime(),
  battery: z.number().nullable(),
  position: z.object({ lat: z.number(), lon: z.number() }).nullable(),
  said: z.string(),
  handling: z.enum(['opened', 'attached', 'test']),
  notes: z.array(z.string()),
  incidentId: z.uuid().nullable(),
})
export type AlarmView = z.infer<typeof alarmView>

export const alarmRoutes = {
  receiveAlarm: route({
    method: 'POST',
    path: '/alarms',
    permission: 'device',
    summary: 'A device signals; 201 only after it is stored for ever',
    body: alarmSignal,
    reply: alarmReceipt,
  }),
  alarm: route({
    method: 'GET',
    path: '/alarms/:id',
    permission: 'handle-incident',
    summary: 'One signal',
    params: idParams,
    reply: alarmView,
  }),
}
