/**
 * Many senders, few commits: what arrives while a commit is under way goes together into the next one. Each sender's
 * promise settles only after its own row is committed. `lanes` commits run side by side, so that one's flush overlaps the next
 * one's work; the fewer, the larger they are.
 */
export type GroupCommit<Item, Result> = {
  /** `urgent`: before all that are not, in a line of their own that is full for itself. */
  submit(item: Item, urgent?: boolean): Promise<Result>
  waiting(): number
}

type Entry<Item, Result> = { item: Item; resolve(result: Result): void; reject(error: unknown): void }

export function groupCommit<Item, Result>(
  /** Commits all items, answers in their order. */
  commit: (items: Item[]) => Promise<Result[]>,
  limits: { batchMax: number; waitingMax: number; lanes: number },
  /** Can it be the fault of one of them? An outage is not: tried one by one, the last would wait for all timeouts before. */
  ofOne: (error: unknown) => boolean = ofOneRow,
): GroupCommit<Item, Result> {
  let urgent: Entry<Item, Result>[] = []
  let queue: Entry<Item, Result>[] = []
  let busy = 0

  async function run(): Promise<void> {
    busy += 1
    while (urgent.length + queue.length > 0) {
      const first = urgent.slice(0, limits.batchMax)
      const rest = queue.slice(0, limits.batchMax - first.length)
      urgent = urgent.slice(first.length)
      queue = queue.slice(rest.length)
      const batch = [...first, ...rest]
      await settle(batch)
    }
    busy -= 1
  }

  async function settle(batch: Entry<Item, Result>[]): Promise<void> {
    try {
      const results = await commit(batch.map((entry) => entry.item))
      batch.forEach((entry, i) => {
        entry.resolve(results[i] as Result)
      })
    } catch (error) {
      if (batch.length === 1 || !ofOne(error)) {
        for (const entry of batch) entry.reject(error)
        return
      }
      // One bad row must not take the others down: each gets its own commit.
      for (const entry of batch) await settle([entry])
    }
  }

  return {
    waiting: () => urgent.length + queue.length,
    submit: (item, isUrgent = false) =>
      new Promise((resolve, reject) => {
        // A full line refuses at once: the device gets a 503 and sends again, instead of an answer that never comes.
        const line = isUrgent ? urgent : queue
        if (line.length >= limits.waitingMax) return reject(new Overloaded())
        line.push({ item, resolve, reject })
        if (busy < limits.lanes) void run()
      }),
  }
}

/** SQLSTATE classes of a row that cannot be stored (22, 23), met another (40) or waits for one that is held; all else is the database's own trouble. */
export const ofOneRow = (error: unknown): boolean =>
  /^(22...|23...|40...|55P03)$/.test(String((error as { code?: unknown }).code))

export class Overloaded extends Error {
  constructor() {
    super('too many signals are waiting to be stored')
  }
}
