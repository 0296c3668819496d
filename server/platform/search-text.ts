import { pinyin } from 'pinyin-pro'

/**
 * What a file is found by, in one lower-case column under a trigram index: the words as written, the pinyin of Chinese
 * ones in full and by initials, and the digits of numbers. 王秀英 is found by 王秀, wangxiu, wxy.
 */
export function searchText(words: string[], phones: (string | null)[] = []): string {
  const parts = words
    .filter(Boolean)
    .flatMap((word) => [word, ...(hasHan(word) ? [spell(word, 'none'), spell(word, 'first')] : [])])
  const digits = phones.filter((phone) => phone !== null).map((phone) => phone.replace(/\D/g, ''))
  return [...new Set([...parts, ...digits])].join(' ').toLowerCase()
}

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
