import { useCallback, useEffect, useRef, useState } from 'react'

/** How long nobody may touch anything: then somebody is asked whether they are there, then the screen is the next person's. */
export type Limits = { askAfterMs: number; leaveAfterMs: number }

// Sub-screens are left after a minute, the last 20 s of it counted aloud [WCAG 2.2.1]: enough to answer, few enough to watch.
export const ordinary: Limits = { askAfterMs: 40_000, leaveAfterMs: 60_000 }
/** In an open conversation somebody may just be waiting and reading. */
export const talking: Limits = { askAfterMs: 120_000, leaveAfterMs: 150_000 }

/** Whole seconds that are left to say "I am here"; undefined as long as nobody needs to be asked, 0: nobody answered. Pure. */
export function leftAfter(quietMs: number, { askAfterMs, leaveAfterMs }: Limits): number | undefined {
  if (quietMs < askAfterMs) return undefined
  return Math.max(0, Math.ceil((leaveAfterMs - quietMs) / 1000))
}

const lookEveryMs = 250
const touches = ['pointerdown', 'keydown', 'input', 'wheel', 'touchmove'] as const

/**
 * Watches for silence; `limits` undefined: nobody is sent away (a voice call). While the question stands, only its own
 * answer counts, so that somebody who merely passes does not keep the screen. `alive` changing counts as a touch.
 */
export function useQuiet(limits: Limits | undefined, alive: unknown, leave: () => void) {
  const [left, setLeft] = useState<number>()
  const last = useRef(Date.now())
  const asking = useRef(false)
  const leaveNow = useRef(leave)
  leaveNow.current = leave
  const here = useCallback(() => {
    last.current = Date.now()
    asking.current = false
    setLeft(undefined)
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another screen or a new line of the other side begins anew
  useEffect(here, [here, limits, alive])
  useEffect(() => {
    const touched = () => {
      if (!asking.current) last.current = Date.now()
    }
    for (const touch of touches) window.addEventListener(touch, touched, { capture: true, passive: true })
    const timer = setInterval(() => {
      const now = limits && leftAfter(Date.now() - last.current, limits)
      asking.current = now !== undefined
      setLeft(now)
      if (now === 0) {
        here()
        leaveNow.current()
      }
    }, lookEveryMs)
    return () => {
      clearInterval(timer)
      for (const touch of touches) window.removeEventListener(touch, touched, { capture: true })
    }
  }, [limits, here])
  return { left, here }
}
