import type { Socket } from 'node:net'

// A whole district's panels, each on its line.
const connectionsMax = 20_000
// Who connects and has not shown yet that they are a device of ours. A panel does so with its first frame.
const strangersMax = 1_000

/**
 * The open connections of one listener. Strangers have a share of their own: with one more than it holds, the one that has said
 * nothing of use for longest goes, so that who opens thousands takes neither the devices' places nor the process's file handles.
 */
export function keepConnections(limits = { connectionsMax, strangersMax }) {
  const open = new Set<Socket>()
  // In the order in which they came.
  const strangers = new Set<Socket>()
  return {
    took(socket: Socket): void {
      open.add(socket)
      strangers.add(socket)
      socket.on('close', () => {
        open.delete(socket)
        strangers.delete(socket)
      })
      const [oldest] = strangers
      if (strangers.size > limits.strangersMax || open.size > limits.connectionsMax) oldest?.destroy()
    },
    /** It has shown that it is one of ours. */
    isOurs: (socket: Socket): void => void strangers.delete(socket),
    end(): void {
      for (const socket of open) socket.destroy()
    },
  }
}
