import { useState } from 'react'

const prefix = 'yihu.draft.'

/** What was typed and not sent yet, by incident: it outlives a lost network, a reload and a look at something else. */
export const readDraft = (id: string): string => localStorage.getItem(prefix + id) ?? ''

export function writeDraft(id: string, text: string): void {
  if (text) localStorage.setItem(prefix + id, text)
  else localStorage.removeItem(prefix + id)
}

/** A text with its draft: every keystroke is kept. */
export function useDraft(id: string): [string, (text: string) => void] {
  const [held, setHeld] = useState({ id, text: readDraft(id) })
  const text = held.id === id ? held.text : readDraft(id)
  return [
    text,
    (next) => {
      writeDraft(id, next)
      setHeld({ id, text: next })
    },
  ]
}

/** On sign-out: the next person at this desk must not read them. */
export function clearDrafts(): void {
  for (const name of Object.keys(localStorage)) if (name.startsWith(prefix)) localStorage.removeItem(name)
}
