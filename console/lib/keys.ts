import { useLayoutEffect, useRef, useSyncExternalStore } from 'react'

/** What a single key does now, with the i18n key of its description. */
export type Binding = { key: string; does: string; run: () => void }

let layers: Binding[][] = []
const watchers = new Set<() => void>()
// The browser's and screen readers' own; a binding there would fight the person's tools.
const reserved = new Set(['Tab', 'F5', 'F6', 'F7', 'F10', 'F11', 'F12'])

export function addLayer(bindings: Binding[]): () => void {
  const clash = bindings.find(
    (one, i) => reserved.has(one.key) || bindings.findIndex((other) => same(other.key, one.key)) !== i,
  )
  if (clash) throw new Error(`the key ${clash.key} is bound twice or reserved`)
  layers = [...layers, bindings]
  for (const tell of watchers) tell()
  return () => {
    layers = layers.filter((layer) => layer !== bindings)
    for (const tell of watchers) tell()
  }
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase() && a.length === b.length

/** The newest layer that knows the key has it. */
export function bindingFor(key: string): Binding | undefined {
  for (const layer of [...layers].reverse()) {
    const found = layer.find((binding) => same(binding.key, key))
    if (found) return found
  }
  return undefined
}

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'repeat' | 'shiftKey'>

/** Single keys act only when nobody is typing; a held key acts once; function keys act always. */
export function keyOf(event: Pressed, typing: boolean): string | undefined {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return undefined
  if (typing && !/^F\d+$/.test(event.key)) return undefined
  return event.shiftKey && /^[a-z]$/i.test(event.key) ? `Shift+${event.key.toUpperCase()}` : event.key
}

function isTyping(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null
  if (!element?.closest) return false
  if (element.closest('[role="dialog"], .ant-picker-dropdown, .ant-select-dropdown')) return true
  return element.matches(
    'input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true], [role=combobox]',
  )
}

window.addEventListener('keydown', (event) => {
  const key = keyOf(event, isTyping(event.target))
  // Space and Enter on a button belong to the button.
  const onButton = (event.target as HTMLElement | null)?.matches?.('button, a, [role=button], [role=tab], summary')
  if (!key || (onButton && (key === ' ' || key === 'Enter'))) return
  const binding = bindingFor(key)
  if (!binding) return
  event.preventDefault()
  binding.run()
})

/** Binds keys while the component shows. Handlers may change on every render; the layer stays where it is. */
export function useKeys(bindings: Binding[]): void {
  const latest = useRef(bindings)
  latest.current = bindings
  const signature = bindings.map((binding) => `${binding.key}:${binding.does}`).join('|')
  // Before the next key can come: two keys in quick succession (D, Enter) must both find their meaning.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the signature stands for the bindings
  useLayoutEffect(() => {
    const stable = latest.current.map((binding, i) => ({ ...binding, run: () => latest.current[i]?.run() }))
    return stable.length > 0 ? addLayer(stable) : undefined
  }, [signature])
}

/** Every binding that acts now, for the key map. */
export function useBindings(): Binding[] {
  const all = useSyncExternalStore(
    (tell) => {
      watchers.add(tell)
      return () => watchers.delete(tell)
    },
    () => layers,
  )
  const seen = new Set<string>()
  return [...all]
    .reverse()
    .flatMap((layer) =>
      layer.filter((binding) => !seen.has(binding.key.toLowerCase()) && seen.add(binding.key.toLowerCase())),
    )
}
