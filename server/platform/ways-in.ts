import type { At } from './listen-list.ts'
import type { Logger } from './log.ts'

/**
 * The ways in beside HTTP, each at a port of its own. One that cannot be opened stays closed, with a warning and a reason in
 * /readyz: the centre must be there for everybody who comes another way.
 */
export function waysIn(log: Logger) {
  const closed: string[] = []
  return {
    closed,
    async open<T extends string>(
      way: string,
      places: At<T>[],
      begin: (places: At<T>[]) => Promise<void>,
    ): Promise<void> {
      if (places.length === 0) return
      try {
        await begin(places)
      } catch (error) {
        closed.push(`${way}-closed`)
        const at = places.map(({ transport, host, port }) => `${transport}:${host}:${port}`).join(', ')
        log.warn(
          { fault: (error as Error).message },
          `${way.toUpperCase()} stays closed: ${at} cannot be used. Choose another port with ${way.toUpperCase()}_PORT, or "off".`,
        )
      }
    },
  }
}
export type WaysIn = ReturnType<typeof waysIn>
