import { timingSafeEqual } from 'node:crypto'
import type { Seal } from '../platform/seal.ts'

const idBytes = 16
const signBytes = 16

const idToBytes = (id: string) => Buffer.from(id.replaceAll('-', ''), 'hex')
const bytesToId = (bytes: Buffer) =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

/** The token of a responder's link: the assignment's id and our signature under it. Nothing is stored, nothing can be guessed. */
export function linkToken(seal: Seal, assignmentId: string): string {
  const id = idToBytes(assignmentId)
  return Buffer.concat([id, seal.sign(`assignment:${assignmentId}`).subarray(0, signBytes)]).toString('base64url')
}

/** The assignment that a token names; undefined when we did not make it. */
export function assignmentOf(seal: Seal, token: string): string | undefined {
  const bytes = Buffer.from(token, 'base64url')
  if (bytes.length !== idBytes + signBytes) return undefined
  const id = bytesToId(bytes.subarray(0, idBytes))
  const expected = seal.sign(`assignment:${id}`).subarray(0, signBytes)
  return timingSafeEqual(expected, bytes.subarray(idBytes)) ? id : undefined
}
