import { expect, test } from 'vitest'
import { inLanguage, isFamily } from '../../server/contracts/known-words.ts'

test('an English page reads who a contact is, which room and when; what somebody wrote freely stays theirs', () => {
  expect(['女儿', '卫生间', '工作日白天', '三楼张阿姨', '08:00–22:00'].map((text) => inLanguage(text, 'en'))).toEqual([
    'daughter',
    'bathroom',
    'weekdays by day',
    '三楼张阿姨',
    '08:00–22:00',
  ])
  expect(inLanguage('女儿', 'zh-CN')).toBe('女儿')
})
test('the family is told, and nobody else who stands among the contacts', () => {
  for (const relation of ['儿子', '大女儿', '外孙女', '老伴', 'Daughter', 'younger brother', 'second son', '家属'])
    expect([relation, isFamily(relation)]).toEqual([relation, true])
  for (const relation of ['邻居', '社区网格员', '朋友', 'neighbour', '护工', 'person', 'landlord', '物业'])
    expect([relation, isFamily(relation)]).toEqual([relation, false])
})
