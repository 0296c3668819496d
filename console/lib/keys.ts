import { useLayoutEffect, useRef, useSyncExternalStore } from 'react'
import { dialogOpen } from './front.ts'
import { answerChord, composing, keyOf } from './pressed.ts'

/** What a single key does now, with the i18n key of its description. `first`: somebody rings, so it acts whatever is open in front. */
export type Binding = { key: string; does: string; run: () => void; first?: boolean }

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
  [answerChord.toLowerCase()]: ['keys.accept', 'keys.answerCall'],
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

/** Esc puts an inline form away, from inside its fields too, and the keys of the incident are at home again. */
export function useEscape(close: () => void): void {
  useKeys([
    {
      key: 'Escape',
      does: 'keys.back',
      run: () => {
        close()
        focusWork()
      },
    },
  ])
}

/** The newest layer that knows the key has it; for a kept key the meaning that comes first. */
export function bindingFor(key: string): Binding | undefined {
  const found = [...layers].reverse().flatMap((layer) => layer.filter((binding) => same(binding.key, key)))
  const meanings = kept[key.toLowerCase()] ?? []
  return found.sort((a, b) => meanings.indexOf(a.does) - meanings.indexOf(b.does))[0]
}

const typed =
  'input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true], [role=combobox], .ant-picker-dropdown *, .ant-select-dropdown *'

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

/** Where a letter is text. A number, a choice or a list takes none, so whoever rings is answered from there too. */
const writing = [
  'textarea:not([readonly])',
  '[contenteditable]:not([contenteditable=false])',
  `input:not([readonly])${['button', 'checkbox', 'color', 'file', 'image', 'number', 'radio', 'range', 'reset', 'submit'].map((type) => `:not([type=${type}])`).join('')}`,
].join(', ')
const matches = (target: EventTarget | null, selector: string): boolean =>
  target instanceof Element && target.matches(selector)

/** Before every control, drawer and dialog: somebody rings. Space stays with a control that it would press or open. */
function ringFirst(event: KeyboardEvent): void {
  const key = keyOf(event, matches(event.target, writing))
  if (!key || (key === ' ' && (matches(event.target, typed) || belongs(event.target, key)))) return
  const binding = bindingFor(key)
  if (!binding?.first) return
  event.preventDefault()
  event.stopPropagation()
  binding.run()
}

function act(event: KeyboardEvent): void {
  const key = keyOf(event, matches(event.target, typed))
  if (!key || belongs(event.target, key) || dialogOpen()) return
  const binding = bindingFor(key)
  if (!binding) {
    if (key === 'Escape') leaveField(event.target)
    return
  }
  event.preventDefault()
  binding.run()
  if (/^\d$/.test(key)) focusWork()
}

/** Esc in a field of the work: its keys act again. What was typed stays there. */
function leaveField(target: EventTarget | null): void {
  if (matches(target, writing) && document.querySelector('[data-work]')?.contains(target as Node)) focusWork()
}

/** Safari sends the Enter that ends a word after the word: it would send the form with it. */
function endOfWord(event: KeyboardEvent): void {
  if (composing(event) && !event.isComposing && event.code === 'Enter') event.preventDefault()
}

const belongs = (target: EventTarget | null, key: string): boolean =>
  target instanceof Element && belongsToControl(target, key)

/** To go on with what was written, the caret stands behind it. */
export function focusAtEnd(field: HTMLInputElement | HTMLTextAreaElement | null): void {
  field?.focus()
  field?.setSelectionRange(field.value.length, field.value.length)
}

window.addEventListener('keydown', ringFirst, true)
window.addEventListener('keydown', endOfWord, true)
window.addEventListener('keydown', act)

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
  signs[key] ??
  (key.startsWith('Alt+') ? `Alt ${keyText(key.slice(4))}` : key.replace('Shift+', '⇧')).replace(/^[a-z]$/, (one) =>
    one.toUpperCase(),
  )

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
