import { useSyncExternalStore } from 'react'

let offsetMs = 0
let second = Math.floor(Date.now() / 1000)
const listeners = new Set<() => void>()

/** Waiting times follow the server's clock: an office PC is often minutes off. */
export function learnServerTime(iso: string): void {
  offsetMs = new Date(iso).getTime() - Date.now()
}
export const serverNow = (): number => Date.now() + offsetMs
/** An instant of this machine's clock, by the server's. */
export const byServer = (local: number): number => local + offsetMs

// One ticker for the whole page; a timer in each row of a long list would cost more than the list.
setInterval(() => {
  second = Math.floor(serverNow() / 1000)
  for (const tell of listeners) tell()
}, 1000)

/** The server's time in whole seconds, ticking. */
export function useSecond(): number {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell)
      return () => listeners.delete(tell)
    },
    () => second,
  )
}
