import { useSyncExternalStore } from 'react'

export type Theme = 'light' | 'dark'
const watchers = new Set<() => void>()
const stored = () => localStorage.getItem('yihu.theme') as Theme | null
let theme: Theme = 'light'

export function startTheme(): void {
  set(stored() ?? (window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'))
}

function set(next: Theme): void {
  theme = next
  document.documentElement.dataset['theme'] = next
  for (const tell of watchers) tell()
}

export function chooseTheme(next: Theme): void {
  localStorage.setItem('yihu.theme', next)
  set(next)
}

export function useTheme(): Theme {
  return useSyncExternalStore(
    (tell) => {
      watchers.add(tell)
      return () => watchers.delete(tell)
    },
    () => theme,
  )
}
