/**
 * What people write again and again into free fields: who a contact is, in which room a device is, when somebody can be reached.
 * What is known is shown in the reader's language; everything else stays as it was written.
 */
const known: readonly (readonly [zh: string, en: string, family?: true])[] = [
  ['儿子', 'son', true],
  ['女儿', 'daughter', true],
  ['儿媳', 'daughter-in-law', true],
  ['女婿', 'son-in-law', true],
  ['孙子', 'grandson', true],
  ['孙女', 'granddaughter', true],
  ['外孙', 'grandson', true],
  ['外孙女', 'granddaughter', true],
  ['老伴', 'spouse', true],
  ['配偶', 'spouse', true],
  ['妻子', 'wife', true],
  ['丈夫', 'husband', true],
  ['父亲', 'father', true],
  ['母亲', 'mother', true],
  ['哥哥', 'elder brother', true],
  ['弟弟', 'younger brother', true],
  ['姐姐', 'elder sister', true],
  ['妹妹', 'younger sister', true],
  ['兄弟', 'brother', true],
  ['姐妹', 'sister', true],
  ['侄子', 'nephew', true],
  ['侄女', 'niece', true],
  ['外甥', 'nephew', true],
  ['外甥女', 'niece', true],
  ['亲属', 'relative', true],
  ['家属', 'family', true],
  ['邻居', 'neighbour'],
  ['朋友', 'friend'],
  ['保姆', 'carer at home'],
  ['护工', 'carer'],
  ['社区网格员', 'community worker'],
  ['卧室', 'bedroom'],
  ['客厅', 'living room'],
  ['卫生间', 'bathroom'],
  ['厨房', 'kitchen'],
  ['阳台', 'balcony'],
  ['随身', 'worn'],
  ['大厅', 'hall'],
  ['便民服务大厅', 'public service hall'],
  ['晚上', 'evenings'],
  ['白天', 'daytime'],
  ['全天', 'all day'],
  ['工作日白天', 'weekdays by day'],
  ['工作日', 'weekdays'],
  ['周末', 'weekends'],
]
const english = new Map(known.map(([zh, en]) => [zh, en]))
const family = new Set(known.flatMap(([zh, en, isFamily]) => (isFamily ? [zh, en] : [])))
// A longer relation names one of these: 大女儿, 小儿子, second daughter.
const familyWithin =
  /儿子|女儿|儿媳|女婿|孙|老伴|配偶|爱人|妻|丈夫|[父母]亲|爸|妈|哥|弟|姐|妹|侄|外甥|叔|姑|舅|姨|亲[属戚]|家[属人]|\b(son|daughter|wife|husband|spouse|partner|mother|father|parents?|brother|sister|nephew|niece|uncle|aunt|cousin|relative|family|grand\w+)\b/i

/** In the reader's language where it is known, else as it was written. Pure. */
export const inLanguage = (text: string, language: string): string =>
  language.startsWith('en') ? (english.get(text.trim()) ?? text) : text

/** Is this relation one of the family? What nobody can read as that is not: a neighbour is told nothing. Pure. */
export const isFamily = (relation: string): boolean =>
  family.has(relation.trim().toLowerCase()) || familyWithin.test(relation)
