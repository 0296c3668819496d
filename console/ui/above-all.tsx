import { type ReactNode, useLayoutEffect, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import { frontLayer } from '../lib/front.ts'

/**
 * Above every page, drawer, dialog and question, on the screen, for the keyboard and for a screen reader: it is in the
 * browser's top layer, and lives inside whatever is in front, since everything else is deaf while a dialog is open. What is
 * below begins where it ends (`--above`), so it hides nothing either.
 */
export function AboveAll({ label, children }: { label: string; children: ReactNode }) {
  const [host] = useState(() => {
    const made = document.createElement('div')
    made.className = 'above-all'
    made.setAttribute('role', 'region')
    made.setAttribute('popover', 'manual')
    return made
  })
  const inner = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => host.setAttribute('aria-label', label), [host, label])
  useLayoutEffect(() => {
    let planned: number | undefined
    const place = () => {
      planned = undefined
      const layer = frontLayer()
      if (host.parentElement === layer && host.isConnected) return
      const focused = host.contains(document.activeElement) ? (document.activeElement as HTMLElement) : undefined
      layer.prepend(host)
      // Shown anew, it is the last of the top layer, above the dialog that has just come. An old browser has it by its z-index.
      if (typeof host.showPopover === 'function') host.showPopover()
      focused?.focus({ preventScroll: true })
    }
    // Many changes are one look; a hidden tab gets no frames, and nobody looks at it.
    const plan = () => {
      planned ??= requestAnimationFrame(place)
    }
    const watcher = new MutationObserver(plan)
    watcher.observe(document.body, {
      childList: true,
      subtree: true,
      attributes: true,
      attributeFilter: ['open', 'class', 'style'],
    })
    place()
    return () => {
      watcher.disconnect()
      if (planned !== undefined) cancelAnimationFrame(planned)
      host.remove()
    }
  }, [host])
  useLayoutEffect(() => {
    const element = inner.current
    if (!element) return
    const root = document.documentElement
    const sizer = new ResizeObserver(() => {
      root.style.setProperty('--above', `${Math.ceil(host.getBoundingClientRect().height)}px`)
    })
    sizer.observe(element)
    return () => {
      sizer.disconnect()
      root.style.removeProperty('--above')
    }
  }, [host])
  return createPortal(<div ref={inner}>{children}</div>, host)
}
