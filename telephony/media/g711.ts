/**
 * G.711, both laws, by table [ITU-T G.711]. Inside the media process every sound is mu-law, the law of browsers; a leg that
 * speaks A-law converts at its edge.
 */
const bias = 0x84
const clip = 32_635 // largest magnitude that still has a code once the bias is added

/** Digital silence of each law. */
export const muLawSilence = 0xff
export const aLawSilence = 0xd5

const exponentOf = (magnitude: number) => Math.max(0, 31 - Math.clz32(magnitude >> 7))

function encodeMuLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0
  const magnitude = Math.min(Math.abs(sample) + bias, clip)
  const exponent = exponentOf(magnitude)
  return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)) & 0xff
}

function decodeMuLaw(code: number): number {
  const bits = ~code & 0xff
  const magnitude = ((((bits & 0x0f) << 3) + bias) << ((bits >> 4) & 7)) - bias
  return bits & 0x80 ? -magnitude : magnitude
}

function encodeALaw(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80
  const magnitude = Math.min(Math.abs(sample), clip)
  const exponent = exponentOf(magnitude)
  const mantissa = exponent === 0 ? magnitude >> 4 : (magnitude >> (exponent + 3)) & 0x0f
  return sign ^ 0x55 ^ ((exponent << 4) | mantissa)
}

function decodeALaw(code: number): number {
  const bits = code ^ 0x55
  const exponent = (bits >> 4) & 7
  const step = ((bits & 0x0f) << 4) + 8
  const magnitude = exponent === 0 ? step : (step + 0x100) << (exponent - 1)
  return bits & 0x80 ? magnitude : -magnitude
}

/** Indexed by the sample's sixteen bits as an unsigned number. */
const table = (encode: (sample: number) => number) =>
  Uint8Array.from({ length: 0x10000 }, (_, bits) => encode((bits << 16) >> 16))
const linearToMuLaw = table(encodeMuLaw)
const linearToALaw = table(encodeALaw)
const muLawToLinear = Int16Array.from({ length: 256 }, (_, code) => decodeMuLaw(code))
const aLawToLinear = Int16Array.from({ length: 256 }, (_, code) => decodeALaw(code))
const muLawToALaw = muLawToLinear.reduce((codes, sample, code) => {
  codes[code] = encodeALaw(sample)
  return codes
}, new Uint8Array(256))
const aLawToMuLaw = aLawToLinear.reduce((codes, sample, code) => {
  codes[code] = encodeMuLaw(sample)
  return codes
}, new Uint8Array(256))

function encodeWith(codes: Uint8Array, samples: Int16Array, into: Uint8Array): Uint8Array {
  for (let i = 0; i < samples.length; i++) into[i] = codes[(samples[i] as number) & 0xffff] as number
  return into
}

function decodeWith(values: Int16Array, codes: Uint8Array, into: Int16Array): Int16Array {
  for (let i = 0; i < codes.length; i++) into[i] = values[codes[i] as number] as number
  return into
}

/** Linear samples to mu-law codes, one byte a sample; `into` saves the allocation. */
export const toMuLaw = (samples: Int16Array, into = new Uint8Array(samples.length)): Uint8Array =>
  encodeWith(linearToMuLaw, samples, into)
export const toALaw = (samples: Int16Array, into = new Uint8Array(samples.length)): Uint8Array =>
  encodeWith(linearToALaw, samples, into)
/** Mu-law codes to linear samples; `into` saves the allocation. */
export const fromMuLaw = (codes: Uint8Array, into = new Int16Array(codes.length)): Int16Array =>
  decodeWith(muLawToLinear, codes, into)
export const fromALaw = (codes: Uint8Array, into = new Int16Array(codes.length)): Int16Array =>
  decodeWith(aLawToLinear, codes, into)

export const muLawAsALaw = (codes: Uint8Array): Uint8Array => codes.map((code) => muLawToALaw[code] as number)
export const aLawAsMuLaw = (codes: Uint8Array): Uint8Array => codes.map((code) => aLawToMuLaw[code] as number)
