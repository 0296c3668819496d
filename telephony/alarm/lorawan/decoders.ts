import { type Payload, readMilesight } from './payload.ts'

/**
 * How the bytes of a type of device are read, by the name that its type gives (`payload`). A new one is a function here and a row in
 * this table. Bytes that a decoder cannot read are an unknown signal, and never nothing.
 */
const decoders: Record<string, (bytes: Buffer) => Payload> = {
  milesight: readMilesight,
  /** A button that only ever speaks when it is pressed, whatever it says. */
  'any-uplink': (bytes) => ({ press: true, battery: undefined, known: true, said: bytes.toString('hex') }),
}

/** Of a type that names none, or one that there is not, Milesight's. */
export const decoderOf = (name: unknown): ((bytes: Buffer) => Payload) =>
  (typeof name === 'string' && Object.hasOwn(decoders, name) && decoders[name]) || readMilesight
