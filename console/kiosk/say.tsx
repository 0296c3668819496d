import { useEffect, useSyncExternalStore } from 'react'

let said = { calm: '', urgent: '' }
const watchers = new Set<() => void>()

function set(next: Partial<typeof said>): void {
  said = { ...said, ...next }
  for (const tell of watchers) tell()
}

/** Tells a screen reader what has changed on the screen; `urgent` interrupts it. */
export function useSaid(text: string, urgent = false): void {
  useEffect(() => {
    set({ [urgent ? 'urgent' : 'calm']: text })
    return () => set({ [urgent ? 'urgent' : 'calm']: '' })
  }, [text, urgent])
}

/** There from the first moment on every screen: a live region that comes together with its words is not read. */
export function Said() {
  const { calm, urgent } = useSyncExternalStore(
    (tell) => {
      watchers.add(tell)
      return () => watchers.delete(tell)
    },
    () => said,
  )
  return (
    <>
      <p role="status" className="sr-only">
        {calm}
      </p>
      <p role="alert" className="sr-only">
        {urgent}
      </p>
    </>
  )
}
