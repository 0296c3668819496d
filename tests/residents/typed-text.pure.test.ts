import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asCode, asTyped } from '../../server/contracts/text.ts'

const anyText = fc.string({ maxLength: 30, unit: 'binary' })

test('marks that nobody sees are not part of a name: byte order, direction, soft hyphen, zero width', () => {
  for (const mark of ['\ufeff', '\u202d', '\u202c', '\u2066', '\u00ad', '\u200b', '\u200d', '\u2060'])
    expect(asTyped(`${mark}王${mark}秀英${mark}`)).toBe('王秀英')
})
test('full-width digits and letters of a Chinese keyboard are the plain ones; its punctuation stays', () => {
  expect(asTyped('　３号楼Ａ座，二楼（东）　')).toBe('3号楼A座，二楼（东）')
  expect(asCode('１２３ＡＢ')).toBe('123AB')
})
test('what joins letters where a script needs it is kept in a name, and is none of a search word', () => {
  expect(asTyped('می\u200cروم')).toBe('می\u200cروم')
  expect(asTyped('👨\u200d👩')).toBe('👨\u200d👩')
  expect(asCode('می\u200cروم')).toBe('میروم')
})
test('what a spreadsheet puts before a number that is text is none of an account', () => {
  expect(asCode("'00123")).toBe('00123')
  expect(asCode("\u202D'BT1\u202C")).toBe('BT1')
})
test('read twice it is the same, and nothing that can be seen goes but by being written plainer', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(asTyped(asTyped(text))).toBe(asTyped(text))
      expect(asCode(asCode(text))).toBe(asCode(text))
      const seen = (one: string) => one.normalize('NFKC').replace(/[\p{Cf}\s\p{Z}]/gu, '')
      expect(seen(asTyped(text))).toBe(seen(text))
    }),
    { numRuns: 5_000 },
  )
})
