import { pinyin } from 'pinyin-pro'

/**
 * What a file is found by, in one lower-case column under a trigram index: the words as written, the pinyin of Chinese
 * ones in full and by initials, and the digits of numbers. 王秀英 is found by 王秀, wangxiu, wxy.
 */
export function searchText(words: string[], phones: (string | null)[] = []): string {
  const parts = words
    .filter(Boolean)
    .flatMap((word) => [word, ...(hasHan(word) ? [spell(word, 'none'), spell(word, 'first')] : [])])
  const digits = phones
    .filter((phone) => phone !== null)
    .flatMap((phone) => [phone.replace(/\D/g, ''), nationally(phone)])
  return [...new Set([...parts, ...digits])].join(' ').toLowerCase()
}

/** As people in China write it: 0571… for a landline. */
const nationally = (phone: string) => phone.replace(/^\+86(?!1\d{10}$)/, '0').replace(/\D/g, '')

const hasHan = (word: string) => /\p{Script=Han}/u.test(word)
const spell = (word: string, kind: 'none' | 'first') =>
  pinyin(word, { toneType: 'none', ...(kind === 'first' && { pattern: 'first' }), type: 'array', nonZh: 'consecutive' })
    .join('')
    .replace(/\s/g, '')

/** The words of a query as LIKE patterns; all must be found. What a person types cannot act as a wildcard. */
export function searchPatterns(query: string): string[] {
  return query
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, 6)
    .map((word) => (/^\+?[\d\s()-]{6,}$/.test(word) ? word.replace(/\D/g, '') : word))
    .map((word) => `%${word.replace(/[\\%_]/g, '\\$&')}%`)
}

/** A clause for each pattern, from parameter `first` on. One by one, since LIKE ALL would not use the trigram index. */
export const allLike = (column: string, patterns: string[], first: number): string =>
  patterns.map((_, i) => `${column} LIKE $${first + i}`).join(' AND ') || 'true'
