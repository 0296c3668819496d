import type { At } from './listen-list.ts'
import type { Logger } from './log.ts'

const againMs = 30_000

/**
 * The ways in beside HTTP, each at a port of its own. One that cannot be opened stays closed, with a warning and a reason in
 * /readyz, and is tried again: the centre must be there for everybody who comes another way.
 */
export function waysIn(log: Logger) {
  const closed = new Set<string>()
  const timers = new Set<NodeJS.Timeout>()

  async function attempt<T extends string>(
    way: string,
    places: At<T>[],
    begin: (places: At<T>[]) => Promise<void>,
  ): Promise<void> {
    try {
      await begin(places)
      if (closed.delete(`${way}-closed`)) log.warn({ way }, 'a way in that was closed is open now')
    } catch (error) {
      closed.add(`${way}-closed`)
      const at = places.map(({ transport, host, port }) => `${transport}:${host}:${port}`).join(', ')
      const name = way.toUpperCase()
      log.warn(
        { fault: (error as Error).message },
        `${name} stays closed: ${at} cannot be used. Choose another port with ${name}_PORT, or "off". It is tried again.`,
      )
      const timer = setTimeout(() => {
        timers.delete(timer)
        void attempt(way, places, begin)
      }, againMs)
      timers.add(timer)
    }
  }

  return {
    closed: () => [...closed],
    async open<T extends string>(
      way: string,
      places: At<T>[],
      begin: (places: At<T>[]) => Promise<void>,
    ): Promise<void> {
      if (places.length > 0) await attempt(way, places, begin)
    },
    stop(): void {
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
export type WaysIn = ReturnType<typeof waysIn>
