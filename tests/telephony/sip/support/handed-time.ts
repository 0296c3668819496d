import type { Timers } from '../../../../telephony/sip/timers.ts'

/** Time that passes when a test says so: what falls due on the way runs in its order. */
export function handedTime(start = new Date('2026-11-25T08:00:00Z')) {
  let now = start.getTime()
  let number = 0
  const due = new Map<number, { at: number; run: () => void }>()
  const timers: Timers = {
    after(ms, run) {
      const id = number++
      due.set(id, { at: now + ms, run })
      return () => void due.delete(id)
    },
  }
  return {
    timers,
    now: () => new Date(now),
    waiting: () => due.size,
    forward(ms: number) {
      const end = now + ms
      for (;;) {
        const next = [...due].filter(([, one]) => one.at <= end).sort(([a, x], [b, y]) => x.at - y.at || a - b)[0]
        if (!next) break
        due.delete(next[0])
        now = Math.max(now, next[1].at)
        next[1].run()
      }
      now = end
    },
  }
}
