import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'

type Handler = (input: never) => unknown

/** How the processes of one centre ask each other. Nothing here is kept: what must not be lost is in the database. */
export type Bus = {
  /** The name of this process, new at each start. */
  readonly id: string
  /** Asks the process of that name. Rejects when none of that name listens, when it fails there, or after five seconds. */
  ask<T>(to: string, what: string, input: unknown): Promise<T>
  /** Tells every process, this one too; nobody answers. */
  tellAll(what: string, input: unknown): void
  on<T>(what: string, handle: (input: T) => unknown): void
  close(): Promise<void>
}

// What is asked is done in a moment or not at all; a browser's offer is the slowest, with 1.5 s.
const answerMsMax = 5_000

/** Certain: no process of that name is connected. Whoever does not answer may only be slow. */
export class NobodyThere extends Error {}

type Message = { from: string; n?: number; what: string; input: unknown }
type Answer = { answers: number; value?: unknown; fault?: string }

/** What is no message of ours (somebody else's channel of that name) is nothing. */
function read(text: string): Message | Answer | undefined {
  try {
    return JSON.parse(text) as Message | Answer
  } catch {
    return undefined
  }
}

/** Within this process without Redis; over Redis channels of this centre (`prefix`) with it. */
export function openBus(redisUrl: string | undefined, prefix: string): Bus {
  const id = randomUUID()
  const handlers = new Map<string, Handler>()
  const waiting = new Map<number, (answer: Answer) => void>()
  const channel = (to: string) => `${prefix}:bus:${to}`
  const out = redisUrl ? new Redis(redisUrl, { maxRetriesPerRequest: 1, commandTimeout: answerMsMax }) : undefined
  const incoming = redisUrl ? new Redis(redisUrl, { maxRetriesPerRequest: null }) : undefined
  let count = 0
  for (const one of [out, incoming]) one?.on('error', () => {}) // it connects again by itself
  void incoming?.subscribe(channel(id), channel('all')).catch(() => {})
  incoming?.on('message', (_channel, text) => {
    const message = read(text)
    if (!message) return
    if ('answers' in message) waiting.get(message.answers)?.(message)
    else if (message.from !== id) void hear(message)
  })

  async function carryOut(what: string, input: unknown): Promise<unknown> {
    const handle = handlers.get(what)
    if (!handle) throw new Error(`nobody here does ${what}`)
    return handle(input as never)
  }

  async function hear({ from, n, what, input }: Message): Promise<void> {
    const answer: Answer = await carryOut(what, input).then(
      (value) => ({ answers: n ?? 0, value }),
      (error: Error) => ({ answers: n ?? 0, fault: error.message }),
    )
    if (n !== undefined) await out?.publish(channel(from), JSON.stringify(answer)).catch(() => {})
  }

  async function askOther(to: string, what: string, input: unknown): Promise<unknown> {
    if (!out) throw new NobodyThere('there is no other process')
    if (out.status !== 'ready') throw new Error('the other processes cannot be reached') // at once, not after retries
    const n = ++count
    const answer = new Promise<Answer>((resolve) => {
      const timer = setTimeout(() => resolve({ answers: n, fault: `no answer to ${what}` }), answerMsMax)
      waiting.set(n, (told) => {
        clearTimeout(timer)
        resolve(told)
      })
    })
    const message: Message = { from: id, n, what, input }
    try {
      if ((await out.publish(channel(to), JSON.stringify(message))) === 0)
        throw new NobodyThere(`no process ${to} to ${what}`)
      const { value, fault } = await answer
      if (fault !== undefined) throw new Error(fault)
      return value
    } finally {
      waiting.get(n)?.({ answers: n })
      waiting.delete(n)
    }
  }

  return {
    id,
    ask: (to, what, input) => (to === id ? carryOut(what, input) : askOther(to, what, input)) as Promise<never>,
    tellAll(what, input) {
      if (handlers.has(what)) void carryOut(what, input).catch(() => {})
      void out?.publish(channel('all'), JSON.stringify({ from: id, what, input } satisfies Message)).catch(() => {})
    },
    on: (what, handle) => void handlers.set(what, handle),
    async close() {
      out?.disconnect()
      incoming?.disconnect()
    },
  }
}
