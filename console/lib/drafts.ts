import { useState } from 'react'

const prefix = 'yihu.draft.'
/** Whose draft of what: at one desk sit several people, and each reads their own only. */
const nameOf = (account: string, id: string) => `${prefix}${account}.${id}`

/** What was typed and not sent yet, by incident: it outlives a lost network, a reload and a look at something else. */
export const readDraft = (account: string, id: string): string => localStorage.getItem(nameOf(account, id)) ?? ''

export function writeDraft(account: string, id: string, text: string): void {
  if (text) localStorage.setItem(nameOf(account, id), text)
  else localStorage.removeItem(nameOf(account, id))
}

/** A text with its draft: every keystroke is kept. */
export function useDraft(account: string, id: string): [string, (text: string) => void] {
  const [held, setHeld] = useState({ id, text: readDraft(account, id) })
  const text = held.id === id ? held.text : readDraft(account, id)
  return [
    text,
    (next) => {
      writeDraft(account, id, next)
      setHeld({ id, text: next })
    },
  ]
}

/**
 * Nothing that somebody else has typed stays on this desk: on sign-out all goes, on sign-in whatever is not of who comes,
 * since the one before may have left without signing out.
 */
export function clearDrafts(except?: string): void {
  const own = except && nameOf(except, '')
  for (const name of Object.keys(localStorage))
    if (name.startsWith(prefix) && !(own && name.startsWith(own))) localStorage.removeItem(name)
}
