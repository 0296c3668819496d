import type { Socket } from 'socket.io-client'
import type { Realtime } from '../../server/platform/realtime.ts'

export type Fence = ReturnType<typeof makeFence>
const lostAfterMs = 10_000

/**
 * Says when every push has arrived that was sent before. Pushes of one process come in their order, also over Redis, so a
 * pulse with a number, sent behind them by each process, arrives last.
 */
export function makeFence(processes: Realtime[]) {
  const seats = new Map<Socket, number[]>()
  let number = 0
  let arrived: (() => void) | undefined
  const allHere = () => [...seats.values()].every((seen) => processes.every((_, i) => seen[i] === number))

  return {
    /** From now on this connection is waited for. */
    join(socket: Socket): void {
      seats.set(
        socket,
        processes.map(() => number),
      )
      socket.on('pulse', (pulse: { fence?: { process: number; number: number } }) => {
        const seen = seats.get(socket)
        if (!pulse.fence || !seen) return
        seen[pulse.fence.process] = pulse.fence.number
        if (allHere()) arrived?.()
      })
    },
    leave(socket: Socket): void {
      seats.delete(socket)
      if (allHere()) arrived?.()
    },
    async pass(serverTime: string): Promise<void> {
      number += 1
      if (seats.size === 0) return
      const here = new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('a push did not arrive within 10 s')), lostAfterMs)
        arrived = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      processes.forEach((realtime, process) => {
        realtime.toAll('pulse', { serverTime, fence: { process, number } })
      })
      await here
      arrived = undefined
    },
  }
}
