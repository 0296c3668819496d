import { bodyBytesMax, headBytesMax } from '../limits.ts'
import { readNumber } from '../message/grammar.ts'

export type Piece = { message: Buffer } | { ping: true } | { broken: string }

/**
 * Cuts what comes on a connection into messages by Content-Length [RFC 3261 18.3]. After something that cannot be cut the
 * connection is of no use: nobody knows where the next message begins.
 */
export function createStreamReader(): { push(chunk: Buffer): Piece[] } {
  let chunks: Buffer[] = []
  let held = 0
  /** How many bytes are needed before looking again is worth it, so that one byte at a time costs no more. */
  let needed = 1

  function take(): Buffer {
    const all = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
    chunks = [all]
    return all
  }

  function keep(rest: Buffer, more: number): void {
    chunks = rest.length ? [rest] : []
    held = rest.length
    needed = held + more
  }

  return {
    push(chunk) {
      chunks.push(chunk)
      held += chunk.length
      if (held < needed) return []
      const pieces: Piece[] = []
      let rest = take()
      for (;;) {
        const start = skipLineEnds(rest)
        // [RFC 5626 3.5.1] Two line ends ask whether we are there; one answers.
        if (start >= 4) pieces.push({ ping: true })
        rest = rest.subarray(start)
        if (!rest.length || rest.toString('latin1') === '\r') {
          keep(rest, 1)
          return pieces
        }
        const end = rest.indexOf('\r\n\r\n')
        if (end > headBytesMax || (end < 0 && rest.length > headBytesMax))
          return [...pieces, { broken: 'head-too-long' }]
        if (end < 0) {
          keep(rest, 1)
          return pieces
        }
        const length = lengthIn(rest.toString('latin1', 0, end))
        if (length === undefined || length > bodyBytesMax) return [...pieces, { broken: 'content-length' }]
        const total = end + 4 + length
        if (rest.length < total) {
          keep(rest, total - rest.length)
          return pieces
        }
        pieces.push({ message: rest.subarray(0, total) })
        rest = rest.subarray(total)
      }
    },
  }
}

function skipLineEnds(bytes: Buffer): number {
  let at = 0
  while (bytes[at] === 13 && bytes[at + 1] === 10) at += 2
  return at
}

/** The one Content-Length; none or two leave the end of the message open. */
function lengthIn(head: string): number | undefined {
  const all = [...head.matchAll(/\r\n(?:content-length|l)[ \t]*:[ \t]*(?:\r\n[ \t]+)*([^\r\n]*?)[ \t]*(?=\r\n|$)/gi)]
  return all.length === 1 ? readNumber(all[0]?.[1]) : undefined
}
