import { dictionary } from '@zxcvbn-ts/language-common'
import { type Refusal, refuse } from '../platform/refusal.ts'

/** Long enough that guessing takes longer than anybody stays; what is longer than this needs no other letters. */
export const passwordMin = 10

let known: Set<string> | undefined
const common = () => (known ??= new Set(dictionary['passwords-common']))

const keyRows = ['1234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm', 'abcdefghijklmnopqrstuvwxyz']
const bothWays = [...keyRows, ...keyRows.map((row) => [...row].reverse().join(''))]

/** `too-common` by the lists of what people choose, `like-name` when it is who they are. Undefined for one that is good. */
export function faultOf(password: string, who: { username: string; name?: string }): string | undefined {
  const plain = password.normalize('NFKC').toLowerCase()
  if ([...plain].length < passwordMin) return `too-short:${passwordMin}`
  const letters = plain.replace(/[^\p{L}\p{N}]/gu, '')
  const names = [who.username, who.name ?? ''].map((one) => one.toLowerCase().replace(/[^\p{L}\p{N}]/gu, ''))
  for (const name of names) {
    if (name.length < 3) continue
    // Their name with some digits is still their name.
    const rest = letters.replaceAll(name, '')
    if (rest !== letters && rest.replace(/\d/g, '').length < 5) return 'like-name'
  }
  return isCommon(plain) || isCommon(letters) ? 'too-common' : undefined
}

function isCommon(plain: string): boolean {
  if (common().has(plain) || new Set(plain).size < 5) return true
  // One of the list with digits behind it, or said twice, is the first thing that is tried.
  const stem = plain.replace(/^\d+|\d+$/g, '')
  const half = plain.slice(0, plain.length / 2)
  if (common().has(stem) || (half.repeat(2) === plain && common().has(half))) return true
  return bothWays.some((row) => `${row}${row}`.includes(plain)) || /^\d+$/.test(plain)
}

export function refuseWeak(
  password: string,
  who: { username: string; name?: string },
  path: string,
): Refusal | undefined {
  const message = faultOf(password, who)
  return message === undefined
    ? undefined
    : refuse('invalid', 'Choose a longer one that nobody would guess: three words, for example.', [{ path, message }])
}
