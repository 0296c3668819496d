import { pinyin } from 'pinyin-pro'
import { asCode } from '../contracts/text.ts'

/** Raised when the column is to be written anew: what is kept in it was written by an older form of `searchText`. */
export const searchVersion = 2

// Longer than a name: a street whose pinyin has the syllable is not what somebody means who types `li`.
const nameMax = 4

/**
 * What a file is found by, in one column under a trigram index: the words as written, lower-case, the pinyin of Chinese
 * ones in full and by initials, the digits of numbers. 王秀英 is found by 王秀, wangxiu, wxy. A name also has its syllables,
 * so that `li` puts 李 before 林; an address stands there without its spaces too, as people type it.
 */
export function searchText(words: string[], phones: (string | null)[] = []): string {
  const parts = words
    .map((word) => asCode(word).toLowerCase())
    .filter(Boolean)
    .flatMap((word) => [word, ...(hasHan(word) ? spellings(word) : [])])
  const digits = phones
    .filter((phone) => phone !== null)
    .flatMap((phone) => [phone.replace(/\D/g, ''), nationally(phone)])
  return [...new Set([...parts, ...digits])].join(' ')
}

const spellings = (word: string): string[] => [
  ...readings(word)
    .flatMap(({ syllables, initials }) => [
      syllables.join(''),
      initials.join(''),
      ...(word.length <= nameMax ? [syllables.join(' ')] : []),
    ])
    .flatMap(typedWithoutUmlaut),
  capitals(word),
  capitals(word.replace(/\s/g, '')),
]

const hasHan = (word: string) => /\p{Script=Han}/u.test(word)

/**
 * The syllables of a text. Of what may be a name also with each reading of its first character and with that of a surname: 曾 is zeng in
 * a name and ceng elsewhere, 尉迟 is yuchi, and whoever types may know it either way.
 */
function readings(word: string): Reading[] {
  const plain = read(word)
  if (word.length > nameMax) return [plain]
  const first = pinyin([...word][0] ?? '', { toneType: 'none', multiple: true, type: 'array' })
  const others = first.map((one) => ({
    syllables: [one.toLowerCase(), ...plain.syllables.slice(1)],
    initials: [one.slice(0, 1).toLowerCase(), ...plain.initials.slice(1)],
  }))
  return [plain, read(word, 'head'), ...others]
}

type Reading = { syllables: string[]; initials: string[] }

function read(word: string, surname: 'head' | 'off' = 'off'): Reading {
  const parts = (pattern: 'pinyin' | 'first') =>
    pinyin(word, { toneType: 'none', type: 'array', nonZh: 'consecutive', surname, pattern }).map((syllable) =>
      syllable.replace(/\s/g, '').toLowerCase(),
    )
  return { syllables: parts('pinyin'), initials: parts('first') }
}

/** No keyboard of an office has ü: people type v, u, or yu as their passport does. */
const typedWithoutUmlaut = (text: string): string[] =>
  text.includes('ü') ? ['v', 'u', 'yu'].map((vowel) => text.replaceAll('ü', vowel)) : [text]

/** As people in China write it: 0571… for a landline. */
const nationally = (phone: string) => phone.replace(/^\+86(?!1\d{10}$)/, '0').replace(/\D/g, '')

/**
 * Chinese once more, each character as Z and its code point in the letters G to V. Under the C locale, which the embedded
 * database has, pg_trgm sees no letter in 王 and its index cannot help; and under any locale two characters make no whole
 * trigram. These capitals do both, and meet nothing else in the column, which is lower-case.
 */
const capitals = (text: string) =>
  text.replace(/\p{Script=Han}/gu, (han) => `Z${han.codePointAt(0)?.toString(16).replace(/./g, letterOf)}`)
const letterOf = (hex: string) => String.fromCharCode('G'.charCodeAt(0) + Number.parseInt(hex, 16))

// A number as it is typed: with its country or area code in front, a mobile one in groups, or any with hyphens.
const typedNumber = /\(?(?:\+|\b0)\d[\d\s()-]*\d|\b1\d{2}[ -]?\d{4}(?:[ -]?\d{1,4})?\b|\b\d[\d-]{5,}\d\b/g

/** Without what stands before the number proper, which the column may hold in another form; too short, it is a word. */
function numberProper(typed: string): string {
  const digits = typed
    .replace(/^(\+|00)86/, '')
    .replace(/\D/g, '')
    .replace(/^0+/, '')
  return digits.length < 3 ? typed : ` ${digits} `
}

/** The words of a query; all must be found. */
const wordsOf = (query: string): string[] =>
  asCode(query).toLowerCase().replace(typedNumber, numberProper).split(/\s+/).filter(Boolean).slice(0, 6)

/** As a LIKE pattern; what a person types cannot act as a wildcard. */
const like = (word: string) => `%${word.replace(/[\\%_]/g, '\\$&')}%`

/** The patterns of a query against a search column. */
export const searchPatterns = (query: string): string[] => wordsOf(query).map(capitals).map(like)
/** The same words, in the same order, against a column that is not written by `searchText`. */
export const plainPatterns = (query: string): string[] => wordsOf(query).map(like)

/**
 * How well a row fits, the smaller the better, for ORDER BY: 0 for each pattern that is a whole word, 1 where a word begins
 * with it, 2 inside of one. Only rows that were found are looked at, so it costs no index.
 */
export const fitOf = (column: string, patterns: string[], first: number): string =>
  patterns
    .map((_, i) => {
      const inner = `substr($${first + i}::text, 2)`
      const whole = `('% ' || left(${inner}, -1) || ' %')`
      return `CASE WHEN ' ' || ${column} || ' ' LIKE ${whole} THEN 0 WHEN ' ' || ${column} LIKE '% ' || ${inner} THEN 1 ELSE 2 END`
    })
    .join(' + ') || 'NULL::int'

/** A clause for each pattern, from parameter `first` on. One by one, since LIKE ALL would not use the trigram index. */
export const allLike = (column: string, patterns: string[], first: number): string =>
  patterns.map((_, i) => `${column} LIKE $${first + i}`).join(' AND ') || 'true'
