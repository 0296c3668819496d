const kept = 'yihu.kiosk'

/** The one thing that stays on a kiosk: its device key. Nothing of a person is ever kept. */
export const readKioskKey = (): string => localStorage.getItem(kept) ?? ''
export const keepKioskKey = (key: string): void => localStorage.setItem(kept, key)
