import { fork } from 'node:child_process'
import { join } from 'node:path'

export type Helper<C> = { ask<A = void>(command: C): Promise<A>; pid: number; stop(): void }

const root = join(import.meta.dirname, '../..')

/** The helper's end: each command is answered once, by its number. */
export function serve<C>(carryOut: (command: C) => unknown): void {
  process.on('message', ({ n, command }: { n: number; command: C }) => {
    Promise.resolve()
      .then(() => carryOut(command))
      .then((answer) => process.send?.({ n, answer }))
      .catch((error: Error) => process.send?.({ n, fault: String(error.stack) }))
  })
  process.on('disconnect', () => process.exit(0))
}

/** Starts a file of this folder beside us, so that its work is not ours and can be counted. */
export function startHelper<C>(file: string): Helper<C> {
  const child = fork(join(import.meta.dirname, file), [], {
    cwd: root,
    execArgv: ['--import', 'tsx'],
    serialization: 'advanced',
  })
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>()
  let count = 0
  child.on('message', ({ n, answer, fault }: { n: number; answer: unknown; fault?: string }) => {
    const one = waiting.get(n)
    waiting.delete(n)
    if (fault) one?.reject(new Error(fault))
    else one?.resolve(answer)
  })
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error(`${file} ended`))
  })
  return {
    ask: <A>(command: C) =>
      new Promise<A>((resolve, reject) => {
        const n = ++count
        waiting.set(n, { resolve: resolve as (answer: unknown) => void, reject })
        child.send({ n, command })
      }),
    pid: child.pid as number,
    stop: () => child.kill('SIGTERM'),
  }
}
