import { type ChildProcess, fork } from 'node:child_process'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { Down, MediaAnswer, MediaCommand, MediaEvent, MediaSettings, MediaStats, Up } from '../media/protocol.ts'
import type { Log } from '../ports.ts'

export type MediaProcess = {
  /** Sends a command and waits for its answer; rejects after five seconds, or when the process dies meanwhile. */
  command(command: MediaCommand): Promise<MediaAnswer>
  /**
   * Hands the socket of an upgrade request on, with what came after its head: the WebSocket is made and spoken there, so that
   * no frame passes through the server. Only a plain TCP socket can be handed on; it is closed when that is not possible.
   */
  takeSocket(
    request: { headers: Record<string, string | string[] | undefined> },
    socket: Socket,
    first: Uint8Array,
  ): void
  ready(): boolean
  /** Resolves when it is ready for the first time. */
  started: Promise<void>
  stats(): MediaStats | undefined
  pid(): number | undefined
  stop(): Promise<void>
}

// A browser's offer takes 1.5 s at most; somebody is waiting for the answer.
const answerMsMax = 5_000
// Callers hear silence meanwhile: at once the first time, not in a circle when it cannot start at all.
const restartMs = { first: 100, max: 5_000 }
// It ran this long: what ends it now is something new.
const settledMs = 10_000
const stopMsMax = 3_000
const lookEveryMs = 1_000
const silentLooksMax = 5
// Starting takes a second, on a starved machine ten; one that never says ready is started again.
const startLooksMax = 20
// It speaks with strangers' packets and needs none of our secrets.
const environment = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TZ', 'LANG', 'SystemRoot', 'NODE_ENV']

/** Starts the media process and starts it again when it dies. `onDeath` follows each death that we did not order. */
export function startMediaProcess(parts: {
  entry: string[]
  settings: MediaSettings
  log: Log
  onEvent(event: MediaEvent): void
  onDeath(): void
}): MediaProcess {
  const { log } = parts
  const [module, ...execArgv] = parts.entry
  if (!module) throw new Error('no media entry')
  type Waiting = {
    down: Down
    timer: NodeJS.Timeout
    resolve(answer: MediaAnswer): void
    reject(error: Error): void
  }
  const waiting = new Map<number, Waiting>()
  let child: ChildProcess | undefined
  let ready = false
  let stopping = false
  let stats: MediaStats | undefined
  let count = 0
  let pauseMs = restartMs.first
  let restart: NodeJS.Timeout | undefined
  let tellStarted = () => {}
  const started = new Promise<void>((resolve) => {
    tellStarted = resolve
  })

  function start(): void {
    const startedAt = Date.now()
    const env = Object.fromEntries(
      environment.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
    )
    const mine = fork(module as string, [], {
      execArgv,
      env,
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    child = mine
    if (mine.stderr) createInterface({ input: mine.stderr }).on('line', (line) => log.warn({ line }, 'media'))
    let over = false
    const died = () => {
      if (over) return
      over = true
      clearInterval(look)
      if (child === mine) child = undefined
      ready = false
      stats = undefined
      for (const n of [...waiting.keys()]) settle(n)?.reject(new Error('the media process died'))
      if (stopping) return
      pauseMs = Date.now() - startedAt > settledMs ? restartMs.first : pauseMs
      log.warn({ restartMs: pauseMs }, 'the media process died')
      restart = setTimeout(start, pauseMs)
      pauseMs = Math.min(pauseMs * 2, restartMs.max)
      parts.onDeath()
    }
    // It tells its figures every second; one that is silent hangs, and all calls with it. Counted in looks, so that a
    // stall of our own is one look and not five.
    let silentLooks = 0
    const look = setInterval(() => {
      silentLooks += 1
      if (silentLooks <= (ready ? silentLooksMax : startLooksMax)) return
      log.warn({ pid: mine.pid }, 'the media process hangs')
      mine.kill('SIGKILL')
    }, lookEveryMs)
    mine.on('message', (message: Up) => {
      silentLooks = 0
      receive(message)
    })
    mine.on('error', (error) => {
      log.warn({ fault: error.message }, 'media process')
      if (mine.pid === undefined) died() // it could not be started: no exit follows
    })
    mine.on('exit', died)
    mine.on('disconnect', () => {
      // It can no longer be spoken to: as good as dead, and soon it is.
      if (!stopping) mine.kill('SIGKILL')
    })
    send({ settings: parts.settings })
  }

  function send(down: Down): void {
    child?.send(down, (error) => {
      if (error) log.warn({ fault: error.message }, 'media process not reached')
    })
  }

  function settle(n: number): Waiting | undefined {
    const one = waiting.get(n)
    waiting.delete(n)
    clearTimeout(one?.timer)
    return one
  }

  function receive(message: Up): void {
    if ('ready' in message) {
      ready = true
      tellStarted()
      for (const { down } of waiting.values()) send(down)
    } else if ('n' in message) {
      settle(message.n)?.resolve(message.answer)
    } else {
      if (message.event === 'stats') stats = message.stats
      parts.onEvent(message)
    }
  }

  start()

  return {
    command(command) {
      const n = ++count
      const down: Down = { n, command }
      return new Promise((resolve, reject) => {
        if (stopping) return reject(new Error('the media process is stopped'))
        const timer = setTimeout(() => settle(n)?.reject(new Error(`media: no answer to ${command.do}`)), answerMsMax)
        waiting.set(n, { down, timer, resolve, reject })
        if (ready) send(down) // else when it is
      })
    },
    takeSocket({ headers: given }, socket, first) {
      if (!ready || !child) return void socket.destroy()
      const headers = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value ?? '')]))
      // Else Node asks the child for its sockets when the server closes, and waits for ever once that child has gone (Node 20).
      Object.assign(socket, { server: null })
      child.send({ stream: { headers, first } } satisfies Down, socket, (error) => {
        if (error) log.warn({ fault: error.message }, 'socket not handed on')
        socket.destroy() // what is left of it here: the connection itself is the child's now
      })
    },
    ready: () => ready,
    started,
    stats: () => stats,
    pid: () => child?.pid,
    async stop() {
      stopping = true
      clearTimeout(restart)
      const last = child
      if (!last || last.exitCode !== null || last.signalCode !== null) return
      const gone = new Promise((resolve) => last.once('exit', resolve))
      last.kill('SIGTERM') // it completes the recordings and tells of them
      const force = setTimeout(() => last.kill('SIGKILL'), stopMsMax)
      await gone
      clearTimeout(force)
    },
  }
}
