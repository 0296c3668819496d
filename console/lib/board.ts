import { useSyncExternalStore } from 'react'
import type { Board, IncidentRow } from '../../server/contracts/incidents.ts'

type Listener = () => void

/** What a list shows of a row besides the row itself: its place, and whose it is. */
const standing = (row: IncidentRow) => `${row.rankAt}|${row.status}|${row.ownerId}|${row.callBack}`
const inOrder = (a: IncidentRow, b: IncidentRow) =>
  a.rankAt < b.rankAt ? -1 : a.rankAt > b.rankAt ? 1 : a.id < b.id ? -1 : Number(a.id > b.id)

/**
 * The live board, outside of React: rows by id and their order, flushed once a frame, so that a storm of pushes costs one
 * render. Each visible row reads its own item; the list is told only when a row comes, goes, moves or changes hands. A push
 * is a hint: an older version than the one held is dropped.
 */
export function makeBoard(schedule: (flush: () => void) => void = frame) {
  const rows = new Map<string, IncidentRow>()
  let order: string[] = []
  let shown: string[] = []
  let epoch: string | undefined
  let seq = 0
  let planned = false
  let moved = false
  const listeners = new Set<Listener>()
  const rowListeners = new Map<string, Set<Listener>>()
  const changed = new Set<string>()

  function place(row: IncidentRow): number {
    // A whole board comes in order: each of ten thousand goes to the end without a search.
    const last = order.at(-1)
    if (last === undefined || inOrder(rows.get(last) as IncidentRow, row) < 0) return order.length
    let low = 0
    let high = order.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (inOrder(rows.get(order[middle] as string) as IncidentRow, row) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  function take(id: string): void {
    const row = rows.get(id)
    if (!row) return
    order.splice(place(row), 1)
    rows.delete(id)
  }

  function apply(row: IncidentRow): void {
    const held = rows.get(row.id)
    if (held && held.version >= row.version) return
    if (held && standing(held) === standing(row)) rows.set(row.id, row)
    else {
      moved = true
      take(row.id)
      if (row.status !== 'closed') {
        const at = place(row)
        rows.set(row.id, row)
        order.splice(at, 0, row.id)
      }
    }
    changed.add(row.id)
    plan()
  }

  function plan(): void {
    if (planned) return
    planned = true
    schedule(flush)
  }

  function flush(): void {
    planned = false
    if (moved) {
      shown = [...order]
      for (const tell of listeners) tell()
    }
    moved = false
    for (const id of changed) for (const tell of rowListeners.get(id) ?? []) tell()
    changed.clear()
  }

  return {
    apply,
    /** A whole board, or what changed since; another epoch (a restored database) starts over. What was told since stays. */
    take(board: Board): void {
      if (epoch !== undefined && board.epoch !== epoch) {
        for (const id of rows.keys()) changed.add(id)
        rows.clear()
        order = []
        seq = 0
        moved = true
      }
      epoch = board.epoch
      for (const row of board.items) apply(row)
      seq = Math.max(seq, board.seq)
      plan()
    },
    asked: () => (epoch ? { epoch, since: seq } : {}),
    clear(): void {
      rows.clear()
      order = []
      epoch = undefined
      seq = 0
      moved = true
      plan()
    },
    row: (id: string) => rows.get(id),
    ids: () => shown,
    flush,
    listen(tell: Listener) {
      listeners.add(tell)
      return () => void listeners.delete(tell)
    },
    listenRow(id: string, tell: Listener) {
      const set = rowListeners.get(id) ?? new Set()
      set.add(tell)
      rowListeners.set(id, set)
      return () => {
        set.delete(tell)
        if (set.size === 0) rowListeners.delete(id)
      }
    },
  }
}

// A hidden tab gets no frames; its alarms must not be late, so it flushes on a timer.
function frame(flush: () => void): void {
  if (document.hidden) setTimeout(flush, 1000)
  else requestAnimationFrame(flush)
}

export const board = makeBoard()

/** All open incidents in scope, in the order of the queue. */
export const useBoardIds = (): string[] => useSyncExternalStore(board.listen, board.ids)

/** One row; renders again only when it changes. */
export function useRow(id: string | undefined): IncidentRow | undefined {
  return useSyncExternalStore(
    (tell) => (id ? board.listenRow(id, tell) : () => {}),
    () => (id ? board.row(id) : undefined),
  )
}
