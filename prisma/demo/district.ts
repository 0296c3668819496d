import {
  addressedAs,
  fictionalPhone,
  healthOf,
  instructionOf,
  languagesOf,
  personName,
  relationOf,
  risksOf,
} from './people.ts'
import { type Random, seeded } from './random.ts'
import { at, blockDegrees, blocksOf, type Community, centreOf, origin, roadAt, streets } from './town.ts'

export const counts = { households: 2_000, residents: 3_000, devices: 900, providers: 120, responders: 400 }

export type DemoArea = {
  key: string
  parent: string | null
  level: string
  name: string
  nameEn: string
  lat: number
  lon: number
  onCallPhone: string | null
}
type Household = ReturnType<typeof makeHousehold>
type Resident = ReturnType<typeof makeResident>

/** Everybody and everything of the fictional district; pure, and the same for the same seed. Nobody in it is real. */
export function makeDistrict(seed: number, now: Date) {
  const random = seeded(seed)
  const communities = streets.flatMap((street) =>
    street.communities.map((community) => ({ ...community, key: community.name, street: street.name })),
  )
  const households = Array.from({ length: counts.households }, (_, i) =>
    makeHousehold(random, communities[i % communities.length] as Keyed, i),
  )
  const residents = Array.from({ length: counts.residents }, (_, i) => makeResident(random, households, i, now))
  return {
    areas: areas(),
    households,
    residents,
    devices: Array.from({ length: counts.devices }, (_, i) => makeDevice(random, residents[i * 3] as Resident, i, now)),
    kiosks: communities.map((community, i) => ({
      area: community.key,
      account: `KIOSK-${String(i + 1).padStart(2, '0')}`,
      room: '便民服务大厅',
      activatedAt: before(now, 120 + i * 7),
    })),
    providers: Array.from({ length: counts.providers }, (_, i) =>
      makeProvider(random, communities[i % communities.length] as Keyed, i, now),
    ),
    responders: Array.from({ length: counts.responders }, (_, i) =>
      makeResponder(random, communities[i % communities.length] as Keyed, i, now),
    ),
  }
}

type Keyed = Community & { key: string }
const before = (now: Date, days: number) => new Date(now.getTime() - days * 86_400_000)
const dayOf = (date: Date) => date.toISOString().slice(0, 10)

function areas(): DemoArea[] {
  const middle = at(12, 12)
  const list: DemoArea[] = [
    {
      key: 'district',
      parent: null,
      level: 'district',
      name: '澜江区',
      nameEn: 'Lanjiang District',
      lat: middle.lat,
      lon: middle.lon,
      onCallPhone: fictionalPhone(9_000),
    },
  ]
  for (const street of streets) {
    const row = street.communities[0]?.row ?? 0
    list.push({
      key: street.name,
      parent: 'district',
      level: 'street',
      name: street.name,
      nameEn: street.nameEn,
      ...at(12, row * 8 + 4),
      onCallPhone: fictionalPhone(9_001 + row),
    })
    for (const community of street.communities)
      list.push({
        key: community.name,
        parent: street.name,
        level: 'community',
        name: community.name,
        nameEn: community.nameEn,
        ...centreOf(community),
        onCallPhone: null,
      })
  }
  return list
}

function makeHousehold(random: Random, community: Keyed, i: number) {
  const block = random.pick(blocksOf(community))
  const floor = random.int(1, 6) + (random.chance(0.2) ? random.int(1, 12) : 0)
  return {
    i,
    area: community.key,
    address: `${roadAt(block.row)}${block.column * 10 + random.int(1, 9)}号`,
    building: `${random.int(1, 12)}幢`,
    entrance: `${random.int(1, 4)}单元`,
    floor,
    room: `${floor}0${random.int(1, 4)}室`,
    lift: floor > 6,
    lat: origin.lat + (block.row + 0.15 + random.next() * 0.7) * blockDegrees.lat,
    lon: origin.lon + (block.column + 0.15 + random.next() * 0.7) * blockDegrees.lon,
    access: random.chance(0.7)
      ? `门禁${random.int(1000, 9999)}#；${random.pick(['备用钥匙在物业前台', '钥匙盒在门右侧', '邻居有备用钥匙', '无备用钥匙'])}`
      : '',
  }
}

function makeResident(random: Random, households: Household[], i: number, now: Date) {
  const household = (i < households.length ? households[i] : random.pick(households)) as Household
  const age = random.chance(0.9) ? random.int(62, 96) : random.int(25, 61)
  const sex = random.chance(0.56) ? 'female' : 'male'
  const name = personName(random, age > 50)
  const risks = risksOf(random, age)
  const roll = random.next()
  return {
    i,
    household: household.i,
    area: household.area,
    name,
    nameToUse: age > 60 ? addressedAs(name, sex) : '',
    sex,
    birthDate: dayOf(before(now, age * 365 + random.int(0, 364))),
    phone: random.chance(0.92) ? fictionalPhone(i) : null,
    languages: languagesOf(random),
    hearing: roll < 0.2 ? 'hard-of-hearing' : roll < 0.22 ? 'deaf' : 'ordinary',
    speech: random.chance(0.03) ? 'impaired' : 'ordinary',
    mobility: age > 78 && random.chance(0.4) ? random.pick(['stick', 'wheelchair', 'bedbound']) : 'ordinary',
    risks,
    standingInstruction: instructionOf(random),
    healthNotes: healthOf(random),
    lineClass: risks.includes('oxygen') || (risks.includes('heart') && risks.includes('alone')) ? 1 : 2,
    familyConsent: random.chance(0.8),
    reviewDue: dayOf(before(now, random.int(-330, 60))),
    contacts: Array.from({ length: random.int(1, 3) }, (_, n) => ({
      name: personName(random, false),
      relation: relationOf(random),
      phone: fictionalPhone(20_000 + i * 3 + n),
      keyholder: n === 0 ? random.chance(0.6) : random.chance(0.2),
      hours: random.pick(['', '', '08:00–22:00', '晚上', '工作日白天']),
      minutesAway: random.int(3, 60),
    })),
  }
}

function makeDevice(random: Random, resident: Resident, i: number, now: Date) {
  const roll = random.next()
  const state = roll < 0.9 ? 'in-service' : roll < 0.93 ? 'in-test' : roll < 0.97 ? 'registered' : 'out-of-service'
  const used = state !== 'registered'
  return {
    resident: resident.i,
    area: resident.area,
    account: `YH${String(100_001 + i)}`,
    kind: random.pick([
      'pendant',
      'pendant',
      'pendant',
      'bedside',
      'pull-cord',
      'one-key-phone',
      'fall-sensor',
      'smoke',
    ]),
    room: random.pick(['卧室', '客厅', '卫生间', '随身', '随身']),
    state,
    testExpiresAt: state === 'in-test' ? new Date(now.getTime() + 7 * 86_400_000) : null,
    activatedAt: used ? before(now, random.int(30, 900)) : null,
    lastHeardAt: used ? before(now, random.next() * (random.chance(0.95) ? 1 : 40)) : null,
    lastGoodTestAt: used ? before(now, random.int(0, 45)) : null,
    battery: used
      ? Math.round((random.chance(0.93) ? 0.35 + random.next() * 0.65 : random.next() * 0.3) * 100) / 100
      : null,
  }
}

const providerKinds: [string, string, string[]][] = [
  ['care', '康护服务中心', ['care-visit', 'unwell', 'no-answer']],
  ['housekeeping', '家政服务部', ['home-help']],
  ['repair', '便民维修站', ['plumbing', 'electric', 'locksmith', 'device-check']],
  ['meals', '助餐点', ['meals']],
  ['medical', '社区卫生服务站', ['unwell', 'fall-help']],
  ['social-organisation', '为老服务社', ['company', 'transport', 'paperwork']],
  ['property', '物业服务中心', ['fall-help', 'no-answer', 'fire-gas']],
]

function makeProvider(random: Random, community: Keyed, i: number, now: Date) {
  const [kind, word, services] = providerKinds[i % providerKinds.length] as (typeof providerKinds)[number]
  return {
    i,
    area: community.key,
    name: `${community.name.replace('社区', '')}${random.pick(['安心', '暖邻', '同乐', '惠民', '和顺', '长青'])}${word}`,
    kind,
    phone: fictionalPhone(60_000 + i),
    licence: `澜民服字${2_018 + random.int(0, 7)}第${String(1_000 + i)}号`,
    licenceUntil: dayOf(before(now, random.int(-900, 20))),
    services,
    hours: random.pick(['08:00–20:00', '全天', '07:00–19:00']),
    rating: Math.round((3.6 + random.next() * 1.4) * 10) / 10,
  }
}

const trades: [string, string[], string[]][] = [
  ['staff', ['first-aid', 'care', 'lifting'], ['bicycle', 'car']],
  ['staff', ['care', 'home-help', 'meals'], ['bicycle']],
  ['staff', ['plumbing', 'electric', 'repair', 'locksmith'], ['car', 'bicycle']],
  ['community-worker', ['first-aid', 'lifting', 'paperwork', 'company'], ['foot', 'bicycle']],
  ['volunteer', ['company', 'transport', 'lifting'], ['foot', 'foot', 'car']],
]

function makeResponder(random: Random, community: Keyed, i: number, now: Date) {
  const [kind, skills, travels] = random.pick(trades)
  const block = random.pick(blocksOf(community))
  const asked = random.int(0, 60)
  return {
    area: community.key,
    provider: kind === 'staff' ? i % counts.providers : null,
    name: personName(random, false),
    kind,
    phone: fictionalPhone(70_000 + i),
    languages: random.chance(0.35) ? ['zh', 'wuu'] : random.chance(0.1) ? ['zh', 'yue'] : ['zh'],
    skills,
    travel: random.pick(travels),
    onDuty: random.chance(0.62),
    ...at(block.column + random.next(), block.row + random.next()),
    positionAt: new Date(now.getTime() - random.int(0, 90) * 60_000),
    offersMade: asked,
    offersAccepted: Math.round(asked * (0.4 + random.next() * 0.5)),
  }
}
