import type { Socket } from 'node:net'
import { type Core, createCore } from '../media/core.ts'
import type { Down, Up } from '../media/protocol.ts'
import { rtpLegs } from '../rtp/leg.ts'
import { createStreamLegs } from '../twilio/stream-leg.ts'
import { webLegs } from '../web/leg.ts'

/**
 * The media process. It has its own event loop because a 20 ms tick cannot wait for a report or a password hash, and the
 * server cannot wait for a handshake. It lives and dies with the server that started it.
 */
const statsEveryMs = 1_000
// The recordings' last second is worth waiting for; a disk that hangs is not.
const lastWordsMsMax = 1_500

let core: Core | undefined
const stream = createStreamLegs()

/** One line, free of personal data: what broke, never whose. */
function fault(what: string, error: unknown): void {
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  process.stderr.write(`${what}: ${reason.replaceAll(/\s+/g, ' ').slice(0, 200)}\n`)
}

function up(message: Up): void {
  // The parent may be gone between two messages; `disconnect` follows and ends us.
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}

process.on('message', (message: Down, handle?: Socket) => {
  if ('settings' in message) {
    const { settings } = message
    core ??= createCore({ settings, emit: up, fault, ways: { web: webLegs(settings), rtp: rtpLegs(settings), stream } })
    return up({ ready: true })
  }
  if ('stream' in message) {
    if (handle) stream.take(message.stream, handle) // without: they hung up on the way
    return
  }
  const { n, command } = message
  core
    ?.carryOut(command)
    .then((answer) => up({ n, answer }))
    .catch((error) => fault(`${command.do} failed`, error)) // no answer: the server's time limit tells it
})

const stats = setInterval(() => {
  if (core) up({ event: 'stats', stats: core.everySecond() })
}, statsEveryMs)

let leaving = false
async function leave(): Promise<void> {
  if (leaving) return
  leaving = true
  clearInterval(stats)
  setTimeout(() => process.exit(0), lastWordsMsMax)
  await core?.stop().catch((error) => fault('stop', error))
  if (process.connected) process.disconnect()
  process.exit(0)
}

process.on('disconnect', () => void leave())
process.on('SIGTERM', () => void leave())
// Ctrl-C reaches the whole group; the server decides, and tells us.
process.on('SIGINT', () => {})
process.stderr.on('error', () => {}) // nobody reads it any more
// One leg's trouble must not end everybody's calls.
process.on('uncaughtException', (error) => fault('uncaught', error))
process.on('unhandledRejection', (error) => fault('unhandled', error))

if (!process.send) {
  process.stderr.write('the media process is started by the server\n')
  process.exit(2)
}
