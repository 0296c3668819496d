import type { Random } from './random.ts'

const surnames =
  '王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万钱严洪武莫孔汤'
const oldGiven =
  '秀英|桂英|秀兰|玉兰|桂兰|秀珍|凤英|玉珍|玉英|兰英|淑珍|淑英|玉梅|素珍|桂珍|凤兰|月英|惠珍|美玉|阿娣|建国|国强|志明|德福|福根|金宝|永福|长根|树生|文华|国华|志强|广才|世昌|宝根|阿毛|德明|耀祖|传宗|培德'.split(
    '|',
  )
const youngGiven =
  '伟|强|磊|洋|艳|勇|军|杰|娟|涛|敏|丽|静|超|明|刚|平|辉|玲|梅|芳|燕|霞|婷|浩|宇|晨|欣|怡|佳|俊|凯|雪|琳|博|晓东|晓燕|志伟|建华|海燕|文静|思远|雨欣|子涵'.split(
    '|',
  )
const instructions = [
  '先打座机，手机常不在身边。',
  '夜间不要打给儿子。',
  '听力不好，说话慢一些、声音大一些。',
  '进门请换鞋，怕冷，请随手关门。',
  '家里有猫，开门时留意。',
  '请先联系楼下的邻居。',
  '不喜欢陌生男性单独上门。',
  '每天下午两点到四点在活动室。',
]
const healthNotes = [
  '高血压，每日早晨服药。',
  '糖尿病，注射胰岛素。',
  '三年前髋关节置换。',
  '冠心病，随身带硝酸甘油。',
  '轻度认知障碍，容易忘记关火。',
  '慢阻肺，夜间吸氧。',
  '青霉素过敏。',
  '白内障，夜间视物不清。',
]

export function personName(random: Random, old: boolean): string {
  return random.pick([...surnames]) + random.pick(old ? oldGiven : youngGiven)
}

/** How an elderly person is spoken to: by surname and a respectful word. */
export const addressedAs = (name: string, sex: string): string => `${name[0]}${sex === 'female' ? '阿姨' : '伯伯'}`

/**
 * All from the one block 199 000x xxxx, which nobody takes for a neighbour's: valid in form, the same for the same index, a
 * different one for each index below 100,000 (7,919 has no factor in common with it).
 */
export const fictionalPhone = (index: number): string =>
  `+86199000${String((index * 7_919) % 100_000).padStart(5, '0')}`

export function languagesOf(random: Random): string[] {
  const roll = random.next()
  if (roll < 0.68) return ['zh']
  if (roll < 0.9) return ['wuu', 'zh']
  if (roll < 0.95) return ['yue', 'zh']
  if (roll < 0.98) return ['nan', 'zh']
  return ['sign', 'zh']
}

export function risksOf(random: Random, age: number): string[] {
  const odds: [string, number][] = [
    ['alone', 0.3],
    ['falls', age > 80 ? 0.45 : 0.2],
    ['heart', 0.2],
    ['diabetes', 0.16],
    ['stroke', 0.08],
    ['dementia', age > 82 ? 0.15 : 0.04],
    ['oxygen', 0.03],
    ['blind', 0.03],
    ['epilepsy', 0.01],
    ['dog', 0.03],
  ]
  return odds.filter(([, share]) => random.chance(share)).map(([risk]) => risk)
}

export const instructionOf = (random: Random): string => (random.chance(0.35) ? random.pick(instructions) : '')
export const healthOf = (random: Random): string =>
  random.chance(0.55) ? random.some(healthNotes, random.int(1, 2)).join('') : ''
export const relationOf = (random: Random): string =>
  random.pick(['儿子', '女儿', '儿媳', '女婿', '孙子', '邻居', '老伴', '侄女', '社区网格员'])
