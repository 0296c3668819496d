const kept = 'yihu.kiosk'

/** The one thing that stays on a kiosk: its device key. Nothing of a person is ever kept. */
export const readKioskKey = (): string => localStorage.getItem(kept) ?? ''
export const keepKioskKey = (key: string): void => localStorage.setItem(kept, key)

/** The key of an enrolment link, `/kiosk#key=…`; taken out of the address at once, so that it stands in no history. */
export function takeLinkedKey(): string {
  const key = new URLSearchParams(window.location.hash.slice(1)).get('key') ?? ''
  if (key) window.history.replaceState(window.history.state, '', window.location.pathname)
  return key
}
