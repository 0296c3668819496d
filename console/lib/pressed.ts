/** What of a key's event is read; React's event carries the browser's own inside. */
export type Pressed = {
  key: string
  code?: string
  keyCode?: number
  isComposing?: boolean
  shiftKey?: boolean
  ctrlKey?: boolean
  metaKey?: boolean
  altKey?: boolean
  repeat?: boolean
}
type Event = Pressed | { nativeEvent: Pressed }
const native = (event: Event): Pressed => ('nativeEvent' in event ? event.nativeEvent : event)

// What an input method has taken. Safari ends the composition first and sends the Enter that chose the word afterwards, with this code alone.
const takenByInputMethod = 229

/** The key belongs to an input method that is choosing characters: nothing of ours may act on it. */
export function composing(event: Event): boolean {
  const { isComposing, keyCode } = native(event)
  return isComposing === true || keyCode === takenByInputMethod
}

const marks: Record<string, string> = { Slash: '/', Semicolon: ';' }

/**
 * What the key means to us. A letter of a Latin layout is that letter wherever it lies (AZERTY, Dvorak). A layout without
 * Latin letters (Uyghur, Russian, Greek) means the letter that is printed at that place; a digit is one by its place on every
 * layout, since AZERTY and Arabic ones write something else there. Full-width forms mean their narrow ones.
 */
export function meantBy(event: Event): string {
  const { key, code = '', shiftKey } = native(event)
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1]
  if (digit !== undefined && [...key].length === 1 && !(shiftKey && code.startsWith('Digit'))) return digit
  if ([...key].length !== 1) return key
  if (/^[\uff01-\uff5e\u3000]$/.test(key)) return key.normalize('NFKC')
  if (/^[ -~]$|^\p{Script=Latin}$/u.test(key)) return key
  const letter = /^Key([A-Z])$/.exec(code)?.[1]
  if (letter) return shiftKey ? letter : letter.toLowerCase()
  return (!shiftKey && marks[code]) || key
}

/** The key of an event in a field or at a control; nothing while an input method has it. */
export const pressedKey = (event: Event): string | undefined => (composing(event) ? undefined : meantBy(event))

/** Enter with Ctrl, or with the command key: sends what a field of several lines holds. */
export function sends(event: Event): boolean {
  const { ctrlKey, metaKey, altKey, repeat } = native(event)
  return (ctrlKey === true || metaKey === true) && !altKey && !repeat && pressedKey(event) === 'Enter'
}

/** Whoever rings is answered by this also from the middle of a word: it types nothing, on no layout, and no input method or browser uses it. */
export const answerChord = 'Alt+Enter'
const chordOf = ({ key, code, altKey, ctrlKey, metaKey, shiftKey, repeat }: Pressed): boolean =>
  altKey === true &&
  !ctrlKey &&
  !metaKey &&
  !shiftKey &&
  !repeat &&
  (key === 'Enter' || code === 'Enter' || code === 'NumpadEnter')

/**
 * The name under which keys are bound, or nothing. `typing`: a field has the focus, so letters are its own. Single keys act
 * once however long they are held; function keys, Esc and the chord act also in a field.
 */
export function keyOf(event: Event, typing: boolean): string | undefined {
  const pressed = native(event)
  if (chordOf(pressed)) return answerChord
  if (pressed.repeat || pressed.ctrlKey || pressed.metaKey || pressed.altKey || composing(pressed)) return undefined
  const key = meantBy(pressed)
  if (typing && !/^(F\d+|Escape)$/.test(key)) return undefined
  return pressed.shiftKey && /^[a-z]$/i.test(key) ? `Shift+${key.toUpperCase()}` : key
}
