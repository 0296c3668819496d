import { z } from 'zod'

// What joins or parts letters belongs to a word where a script needs it, and is an invisible mark everywhere else.
const joins = /\u200c|\u200d|\u180e/g
const joined =
  /[\p{Script=Arabic}\p{Script=Mongolian}\p{Script=Tibetan}\p{Script=Devanagari}\p{M}\p{Extended_Pictographic}]/u
// Full-width letters, digits and the space of a Chinese keyboard; its punctuation is how Chinese is written, and stays.
const wide = /[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]/g
const narrow = (char: string) => String.fromCharCode(char.charCodeAt(0) - 0xfee0)

function withoutInvisible(text: string): string {
  return text.replace(/\p{Cf}/gu, (mark, at: number) => {
    if (!mark.match(joins)) return ''
    const before = [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? ''
    return joined.test(before) && at + 1 < text.length ? mark : ''
  })
}

/**
 * A text as a person meant it who typed or pasted it: without marks that nobody sees (byte order, direction, soft hyphens), with plain
 * digits and letters for full-width ones and plain spaces for all others, composed [Unicode NFC], without space around it. Nothing
 * that can be seen is taken away. Pure; told twice it is the same.
 */
export function asTyped(text: string): string {
  return withoutInvisible(text)
    .replace(wide, narrow)
    .replace(/[\p{Zs}]/gu, ' ')
    .normalize('NFC')
    .trim()
}

/**
 * The same for what is compared and not read: search words and names of accounts and devices. Characters that are another form of
 * the same [Unicode NFKC] are one, and a spreadsheet's mark that a number is text ('00123) is none of it.
 */
export const asCode = (text: string): string =>
  asTyped(asTyped(text).normalize('NFKC').replace(joins, '')).replace(/^'+/, '').trim()

/** A field that people type into; `max` and `min` count what is kept. */
export const typed = (): z.ZodString => z.string().overwrite(asTyped)
/** A field that holds a name of a thing, to be compared with what that thing says of itself. */
export const code = (): z.ZodString => z.string().overwrite(asCode)
