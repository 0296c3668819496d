import { expect, test } from 'vitest'
import { searchPatterns, searchText } from '../../server/platform/search-text.ts'

/** What `search LIKE` each pattern does in the database. */
const finds = (query: string, text: string) =>
  searchPatterns(query).every((pattern) => text.includes(pattern.slice(1, -1).replace(/\\([\\%_])/g, '$1')))
const text = searchText(['王耀祖', '王伯伯', '听潮路32号 5幢 2单元 301室'], ['+8613800138000'])

test('is found by any run of characters, by pinyin, initials and address, all words together', () => {
  for (const query of ['王', '耀', '王耀', '耀祖', '王耀祖', 'WangYao', 'wyz', '听潮路32号', '潮路 301室 wyz', '5幢'])
    expect([query, finds(query, text)]).toEqual([query, true])
})
test('is not found by characters that do not follow each other, nor by another word', () => {
  for (const query of ['王祖', '祖王', '耀王', 'wangyz1', '听潮路33号', '王耀祖 李', '8001 9999'])
    expect([query, finds(query, text)]).toEqual([query, false])
})
test('digits are not found in the code of a character', () => {
  // 耀 is U+8000.
  expect(finds('8000', searchText(['耀']))).toBe(false)
  expect(finds('zo', searchText(['耀']))).toBe(false)
})
test('a number is one word, however it is grouped, whole or begun', () => {
  for (const query of ['138 0013 8000', '+86 138 0013 8000', '0086-13800138000', '138-0013-8000', '138 0013', '0013'])
    expect([query, finds(query, text)]).toEqual([query, true])
  const landline = searchText([], ['+8657187654321'])
  for (const query of ['0571-8765 4321', '(0571) 8765', '+86 571 8765 4321', '8765-4321', '8765 4321', '87654321'])
    expect([query, finds(query, landline)]).toEqual([query, true])
})
test('the numbers of an address stay words of their own', () => {
  for (const query of ['32 5 2 301', '听潮路 32 5 301', 'tclu32 301'.replace('tclu32', 'tcl32')])
    expect([query, finds(query, text)]).toEqual([query, true])
})
test('an address is found as it is typed, without its spaces', () => {
  const home = searchText(['李梅', '澜江路49号 10幢 3单元 601室'])
  for (const query of ['澜江路49号10幢3单元601室', '澜江路49号10幢', '澜江路49号 10幢 601'])
    expect([query, finds(query, home)]).toEqual([query, true])
})
test('a name has its syllables, an address has not', () => {
  expect(` ${searchText(['李梅'])} `).toContain(' li mei ')
  expect(searchText(['丽水路一百号'])).not.toContain('li shui')
})
test('a query has at most six words and no wildcards', () => {
  expect(searchPatterns('a b c d e f g h')).toHaveLength(6)
  expect(searchPatterns('50% a_b \\')).toEqual(['%50\\%%', '%a\\_b%', '%\\\\%'])
  expect(searchPatterns('   ')).toEqual([])
})

test('a surname is found by its own reading and by the everyday one, and ü by whatever a keyboard has for it', () => {
  const typed: [string, string[]][] = [
    ['曾小明', ['zeng', 'ceng', 'zengxiaoming', 'zxm', 'cxm']],
    ['单国强', ['shan', 'dan', 'shanguoqiang']],
    ['仇英', ['qiu', 'chou', 'qy']],
    ['解珍', ['xie', 'jie']],
    ['区大成', ['ou', 'qu']],
    ['查良镛', ['zha', 'cha']],
    ['乐嘉', ['yue', 'le']],
    ['朴正熙', ['piao', 'pu']],
    ['尉迟恭', ['yuchi', 'weichi', 'ycg']],
    ['葛优', ['ge', 'geyou']],
    ['万俟卨', ['moqi', 'wansi']],
    ['吕布', ['lv', 'lu', 'lyu', 'lvbu', 'lubu', 'lyubu']],
  ]
  for (const [name, words] of typed)
    for (const word of words) expect([name, word, finds(word, searchText([name]))]).toEqual([name, word, true])
})

test('what is typed with full-width digits or pasted with invisible marks finds the file all the same', () => {
  for (const word of ['１３８００１３８０００', '\u202d王耀祖\u202c', '３２号', '王\u200b耀祖'])
    expect([word, finds(word, text)]).toEqual([word, true])
})
