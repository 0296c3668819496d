import { z } from 'zod'

/** What a network server tells of one uplink of a device [alarm-devices.md 4.1]. */
export type Uplink = {
  /** 16 hex digits, lower case. */
  devEui: string
  /** The session: a counter that begins anew after a join is another one. */
  session: string
  fCnt: number
  fPort: number
  bytes: Buffer
  at: string | undefined
}
/** A message of another kind from a known format: a join, a status, an acknowledgement. */
export type Other = { devEui: string; battery: number | undefined }

const eui = z.string().regex(/^[0-9A-Fa-f]{16}$/)
// Longer than any radio carries, it is cut: the device is known, and what it said is then an unknown signal.
const base64 = z
  .string()
  .transform((text) => text.slice(0, 1_000))
  .catch('')
  .default('')
const time = z.iso.datetime({ offset: true }).optional().catch(undefined)

const chirpstack = z.object({
  time,
  deviceInfo: z.object({ devEui: eui }),
  devAddr: z.string().max(16).default(''),
  // Left out by some versions when they are 0.
  fCnt: z.number().int().min(0).default(0),
  fPort: z.number().int().min(0).max(255).default(0),
  data: base64.optional(),
  batteryLevel: z.number().min(0).max(100).optional().catch(undefined),
})

/** ChirpStack 4, `?event=up` and the others. */
export function readChirpstack(body: unknown, event: string): Uplink | Other | undefined {
  const read = chirpstack.safeParse(body)
  if (!read.success) return undefined
  const { deviceInfo, devAddr: session, fCnt, fPort, data, time: at, batteryLevel } = read.data
  const devEui = deviceInfo.devEui.toLowerCase()
  if (event !== 'up') return { devEui, battery: batteryLevel === undefined ? undefined : batteryLevel / 100 }
  return { devEui, session, fCnt, fPort, bytes: Buffer.from(data ?? '', 'base64'), at }
}

const things = z.object({
  end_device_ids: z.object({ dev_eui: eui, dev_addr: z.string().max(16).default('') }),
  received_at: time,
  // Empty fields are left out: a counter or a port of 0 is missing.
  uplink_message: z
    .object({
      session_key_id: z.string().max(60).optional(),
      f_cnt: z.number().int().min(0).default(0),
      f_port: z.number().int().min(0).max(255).default(0),
      frm_payload: base64.optional(),
    })
    .optional(),
})

/** The Things Stack 3: an uplink, or a join and what else its webhook tells. */
export function readThings(body: unknown): Uplink | Other | undefined {
  const read = things.safeParse(body)
  if (!read.success) return undefined
  const { end_device_ids: ids, uplink_message: up, received_at: at } = read.data
  const devEui = ids.dev_eui.toLowerCase()
  if (!up) return { devEui, battery: undefined }
  return {
    devEui,
    session: up.session_key_id ?? ids.dev_addr,
    fCnt: up.f_cnt,
    fPort: up.f_port,
    bytes: Buffer.from(up.frm_payload ?? '', 'base64'),
    at,
  }
}
