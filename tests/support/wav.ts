/** A WAV file by hand, right or wrong on purpose. */
export function wav(what: {
  format: number
  bits: number
  data: Uint8Array
  hz?: number
  channels?: number
  before?: string
}): Uint8Array {
  const { format, bits, data, hz = 8_000, channels = 1 } = what
  const fmt = Buffer.alloc(16)
  fmt.writeUInt16LE(format, 0)
  fmt.writeUInt16LE(channels, 2)
  fmt.writeUInt32LE(hz, 4)
  fmt.writeUInt32LE((hz * channels * bits) / 8, 8)
  fmt.writeUInt16LE((channels * bits) / 8, 12)
  fmt.writeUInt16LE(bits, 14)
  const chunk = (name: string, body: Uint8Array) => {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(body.length)
    return Buffer.concat([Buffer.from(name, 'latin1'), length, body, Buffer.alloc(body.length & 1)])
  }
  const body = Buffer.concat([
    Buffer.from('WAVE', 'latin1'),
    chunk('fmt ', fmt),
    ...(what.before ? [chunk(what.before, Buffer.from('odd'))] : []),
    chunk('data', data),
  ])
  return new Uint8Array(chunk('RIFF', body))
}

/** Samples as a plain WAV file: PCM 16 bit, 8 kHz, mono. */
export const pcmWav = (samples: Int16Array): Uint8Array =>
  wav({ format: 1, bits: 16, data: new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength) })
