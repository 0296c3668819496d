import type { Transport } from './transports/flow.ts'

/** Who may call us, whom we call: a trunk brings the calls of others, a telephone its own. */
export type SipPeer = {
  name: string
  kind: 'trunk' | 'telephone'
  /** CIDRs from which it may come without a password; empty: a password always. */
  from: string[]
  /** Where we call it; a telephone is called where it has registered. */
  at?: { host: string; port: number; transport: Transport }
  user?: string
  password?: string
  /**
   * How we ask it for its password; MD5 unless it is said, for telephones of today give up at a challenge that they do not
   * know (baresip 1.0 does), and over UDP neither is a secret that is worth much.
   */
  digest?: 'MD5' | 'SHA-256'
  /** We register there. */
  register?: { expiresSeconds: number }
  /** A telephone's own number, E.164. */
  number?: string
  /** Our number that we show there on calls out. */
  callerId?: string
  /** An alarm device of ours: no telephone of the settings, but known by its account and secret. */
  deviceId?: string
  /** The sound is encrypted (SDES); only sensible over TLS, for the keys go with the signalling. */
  secure?: boolean
}

/** Alarm devices are named by their id, so that they are found again whatever account they have. */
export const unitName = (deviceId: string): string => `device:${deviceId}`

export type SipSettings = {
  listen: { transport: Transport; host: string; port: number }[]
  tls?: { certFile: string; keyFile: string; caFile?: string }
  /** How others reach us, behind NAT or in a container. */
  publicAddress?: string
  realm: string
  peers: SipPeer[]
}
