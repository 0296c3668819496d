import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../support/ports.ts'
import { folder, run } from '../telephony/sip/support/binary.ts'

// Nobody's: of the block that is never given out.
const firstNumber = 19_900_000_000
const numbers = 20_000

/** Somebody at each of so many telephones behind a trunk (sipp), who calls again as soon as they were helped; what they hear they say. */
export async function startCallers(sipPort: number, atOnce: number) {
  const cwd = folder('soak')
  const from = join(cwd, 'numbers.csv')
  const lines = Array.from({ length: numbers }, (_, i) => `+86${firstNumber + i};`)
  writeFileSync(from, `SEQUENTIAL\n${lines.join('\n')}\n`)
  const ours = ['-i', '127.0.0.2', '-p', String(await freePort('127.0.0.2')), '-mi', '127.0.0.2', '-rtp_echo']
  const ran = run(
    'sipp',
    [
      ...['-sf', join(import.meta.dirname, 'soak-call.xml'), '-inf', from, ...ours],
      ...[
        '-l',
        String(atOnce),
        '-r',
        '1',
        '-m',
        String(numbers),
        '-nostdin',
        '-trace_stat',
        '-stf',
        join(cwd, 'stat.csv'),
      ],
      ...['-fd', '5', `127.0.0.1:${sipPort}`],
    ],
    { cwd, ms: 6 * 3_600_000 },
  )
  return {
    /** No more calls from now on; those under way go on. Resolves with how it went. */
    async stop(): Promise<string> {
      ran.end('SIGUSR1') // sipp: quit when the calls are over
      return (await ran).output
    },
    ran,
  }
}
