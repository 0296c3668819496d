import type { Role } from '../../server/contracts/vocabulary.ts'
import { streets } from './town.ts'

export type DemoAccount = {
  username: string
  name: string
  role: Role
  areas: string[]
  languages: string[]
  skills: string[]
}

const names = [
  '林晓芸',
  '周子航',
  '沈若兰',
  '陆家明',
  '许文静',
  '何志远',
  '郑雅琴',
  '唐立新',
  '苏慧敏',
  '顾长青',
  '江雪梅',
  '方启文',
]
const speaks = [
  ['zh', 'wuu', 'en'],
  ['zh', 'wuu'],
  ['zh', 'yue'],
  ['zh', 'nan', 'sign'],
  ['zh', 'wuu'],
  ['zh'],
  ['zh', 'wuu'],
  ['zh', 'yue'],
  ['zh', 'wuu'],
  ['zh'],
  ['zh', 'nan'],
  ['zh', 'wuu'],
]
const every = ['emergency', 'general', 'technical']

/** op01–op06 for the whole district, then two for each street; op12 knows only the last street. */
export const accounts: DemoAccount[] = [
  ...names.map((name, i) => ({
    username: `op${String(i + 1).padStart(2, '0')}`,
    name,
    role: 'operator' as const,
    areas: [i < 6 ? 'district' : (streets[Math.floor((i - 6) / 2)]?.name ?? 'district')],
    languages: speaks[i] ?? ['zh'],
    skills: i % 4 === 3 ? ['emergency', 'general'] : every,
  })),
  {
    username: 'sup01',
    name: '梁主任',
    role: 'supervisor',
    areas: ['district'],
    languages: ['zh', 'wuu', 'en'],
    skills: every,
  },
  {
    username: 'sup02',
    name: '潘组长',
    role: 'supervisor',
    areas: [streets[0]?.name ?? 'district'],
    languages: ['zh'],
    skills: every,
  },
  {
    username: 'admin',
    name: '系统管理员',
    role: 'area-administrator',
    areas: ['district'],
    languages: ['zh'],
    skills: [],
  },
  {
    username: 'provider01',
    name: '服务商经理',
    role: 'provider-manager',
    areas: ['district'],
    languages: ['zh'],
    skills: [],
  },
  { username: 'auditor', name: '审计员', role: 'auditor', areas: ['district'], languages: ['zh'], skills: [] },
]
