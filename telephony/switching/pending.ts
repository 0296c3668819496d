import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { VoiceEvent } from '../../server/contracts/voice.ts'
import type { Log } from '../ports.ts'

/** Events that could not be told yet, on the disk, so that a restart finds them. Each key has its own, in their order. */
export type Pending = {
  /** What an earlier process left. One that still runs may tell it too: told twice it is once. */
  left(): Map<string, VoiceEvent[]>
  write(key: string, events: VoiceEvent[]): void
  remove(key: string): void
}

export type Sealing = { seal(text: string): Buffer; open(sealed: Uint8Array): string }

const ending = '.sealed'

/** One sealed file for each leg, for there is a number in it. A disk that is full or gone is told, and stops nobody. */
export function openPending(dir: string, { seal, open }: Sealing, log: Log): Pending {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const fileOf = (key: string) => join(dir, `${encodeURIComponent(key)}${ending}`)

  function tried(what: string, work: () => void): void {
    try {
      work()
    } catch (error) {
      log.warn({ fault: (error as NodeJS.ErrnoException).code ?? (error as Error).name }, what)
    }
  }

  return {
    left() {
      const all = new Map<string, VoiceEvent[]>()
      for (const name of readdirSync(dir).filter((one) => one.endsWith(ending)))
        tried('a call that was kept cannot be read', () => {
          const events = JSON.parse(open(readFileSync(join(dir, name)))) as (VoiceEvent & { at: string })[]
          const key = decodeURIComponent(name.slice(0, -ending.length))
          all.set(
            key,
            events.map((event) => ({ ...event, at: new Date(event.at) })),
          )
        })
      return all
    },
    write(key, events) {
      tried('a call that could not be stored is kept in memory only', () => {
        const file = fileOf(key)
        // Whole or not at all, whatever ends this process. Not forced onto the disk: calls would wait for that.
        writeFileSync(`${file}.new`, seal(JSON.stringify(events)), { mode: 0o600 })
        renameSync(`${file}.new`, file)
      })
    },
    remove: (key) => tried('a call that was kept is not forgotten', () => rmSync(fileOf(key), { force: true })),
  }
}
