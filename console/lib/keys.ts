import { useLayoutEffect, useRef, useSyncExternalStore } from 'react'

/** What a single key does now, with the i18n key of its description. */
export type Binding = { key: string; does: string; run: () => void }

let layers: Binding[][] = []
const watchers = new Set<() => void>()
// The browser's and screen readers' own; a binding there would fight the person's tools.
const reserved = new Set(['Tab', 'F5', 'F6', 'F7', 'F10', 'F11', 'F12'])
/**
 * Keys with one meaning everywhere, the first of them before the others: whoever rings is answered by A whatever page or
 * form is open. N and M are kept for the voice that comes: no response, and mute.
 */
const kept: Record<string, string[]> = {
  a: ['keys.accept', 'keys.answerCall', 'keys.take'],
  ' ': ['keys.accept'],
  x: ['keys.decline'],
  n: ['keys.noResponse'],
  m: ['keys.mute'],
}

export function addLayer(bindings: Binding[]): () => void {
  const clash = bindings.find(
    (one, i) =>
      reserved.has(one.key) ||
      kept[one.key.toLowerCase()]?.includes(one.does) === false ||
      bindings.findIndex((other) => same(other.key, one.key)) !== i,
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

/** The newest layer that knows the key has it; for a kept key the meaning that comes first. */
export function bindingFor(key: string): Binding | undefined {
  const found = [...layers].reverse().flatMap((layer) => layer.filter((binding) => same(binding.key, key)))
  const meanings = kept[key.toLowerCase()] ?? []
  return found.sort((a, b) => meanings.indexOf(a.does) - meanings.indexOf(b.does))[0]
}

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'repeat' | 'shiftKey'>

/** Single keys act only when nobody is typing; a held key acts once; function keys act always. */
export function keyOf(event: Pressed, typing: boolean): string | undefined {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return undefined
  if (typing && !/^F\d+$/.test(event.key)) return undefined
  return event.shiftKey && /^[a-z]$/i.test(event.key) ? `Shift+${event.key.toUpperCase()}` : event.key
}

const typed =
  'input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true], [role=combobox], .ant-picker-dropdown *, .ant-select-dropdown *'

const inFront = 'dialog[open], [role=dialog], [role=alertdialog], .ant-drawer-open, .ant-modal-wrap'
/** A dialog or drawer is in front: the page behind it must not act on what is pressed there. */
const dialogOpen = (): boolean =>
  [...document.querySelectorAll(inFront)].some((element) => element.getClientRects().length > 0)

/** The keys that a focused control answers to itself. */
const own: [controls: string, keys: string[]][] = [
  ['button:not([role=radio]), a, summary, [role=button], [role=tab]', [' ', 'Enter']],
  ['[type=checkbox], [type=radio], [role=checkbox], [role=radio], [role=switch]', [' ']],
  ['[type=radio]', ['ArrowUp', 'ArrowDown']],
]
export const belongsToControl = (target: { matches(selector: string): boolean } | null, key: string): boolean =>
  own.some(([controls, keys]) => keys.includes(key) && target?.matches(controls))

/** Where the keys of an incident are at home: not on a control that would take the next Enter for itself. */
export function focusWork(): void {
  document.querySelector<HTMLElement>('[data-work]')?.focus({ preventScroll: true })
}

window.addEventListener('keydown', (event) => {
  const target = event.target as HTMLElement | null
  const key = keyOf(event, target?.matches?.(typed) ?? false)
  if (!key || (target?.matches && belongsToControl(target, key)) || dialogOpen()) return
  const binding = bindingFor(key)
  if (!binding) return
  event.preventDefault()
  binding.run()
  if (/^\d$/.test(key)) focusWork()
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

const signs: Record<string, string> = { ArrowUp: '↑', ArrowDown: '↓', Enter: '↵', Escape: 'Esc' }
/** A key as it stands on the buttons. */
export const keyText = (key: string): string =>
  signs[key] ?? key.replace('Shift+', '⇧').replace(/^[a-z]$/, (one) => one.toUpperCase())

/** Keys that do the same stand in one row: 1–9, F1–F4. */
export function grouped(bindings: Binding[]): { keys: string[]; does: string }[] {
  const rows: { keys: string[]; does: string }[] = []
  for (const { key, does } of bindings) {
    const row = rows.find((one) => one.does === does)
    if (row) row.keys.push(key)
    else rows.push({ keys: [key], does })
  }
  return rows
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
