export type Transport = 'udp' | 'tcp' | 'tls'

/** Where bytes come from and go to: one connection, or one address pair on a UDP socket. */
export type Flow = {
  readonly transport: Transport
  /** Nothing is lost on it, so nothing is sent twice. */
  readonly reliable: boolean
  readonly local: { address: string; port: number }
  readonly remote: { address: string; port: number }
  /** The trunk that we called on it: what comes back on it is from them. */
  readonly peer: string | undefined
  send(bytes: Buffer): void
  isOpen(): boolean
  /** Somebody that we know is at the other end: the connection may be quiet for longer. */
  keep(): void
  close(): void
}

export type Wire = {
  /** The datagram or the framed message; what is not one has been refused before. */
  onMessage(bytes: Buffer, flow: Flow): void
  onClosed(flow: Flow): void
}

export type Where = { host: string; port: number; transport: Transport }

/** The same place, however it was written (an IPv4 address on an IPv6 socket). */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '')
