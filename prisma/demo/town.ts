import { seeded } from './random.ts'

/**
 * The made-up town of the demo: a grid of roads and blocks beside a river, nine communities in three streets. Schematic;
 * no real place. Coordinates are WGS-84.
 */
export const blocksAcross = 24
export const origin = { lat: 30.255, lon: 120.135 }
export const blockDegrees = { lat: 0.00135, lon: 0.00156 } // about 150 m each way at this latitude

export type Community = { name: string; nameEn: string; column: number; row: number }
export type Street = { name: string; nameEn: string; communities: Community[] }

const names: [string, string, [string, string][]][] = [
  [
    '望澜街道',
    'Wanglan Street',
    [
      ['听潮社区', 'Tingchao'],
      ['映月社区', 'Yingyue'],
      ['柳湾社区', 'Liuwan'],
    ],
  ],
  [
    '青榆街道',
    'Qingyu Street',
    [
      ['榆荫社区', 'Yuyin'],
      ['书院里社区', 'Shuyuanli'],
      ['丰禾社区', 'Fenghe'],
    ],
  ],
  [
    '云陂街道',
    'Yunbei Street',
    [
      ['石桥头社区', 'Shiqiaotou'],
      ['杏林坊社区', 'Xinglinfang'],
      ['半山社区', 'Banshan'],
    ],
  ],
]
const roadsEast = [
  '澜江路',
  '听潮路',
  '映月路',
  '柳湾路',
  '榆荫路',
  '书院路',
  '丰禾路',
  '石桥路',
  '杏林路',
  '半山路',
  '观云路',
  '朝晖路',
  '清风路',
]
const roadsNorth = [
  '一元街',
  '二仪街',
  '三才街',
  '四时街',
  '五福街',
  '六合街',
  '七星街',
  '八方街',
  '九如街',
  '十全街',
  '百花街',
  '千秋街',
  '万年街',
]
const acrossCommunity = blocksAcross / 3

export const streets: Street[] = names.map(([name, nameEn, communities], row) => ({
  name,
  nameEn,
  communities: communities.map(([its, itsEn], column) => ({ name: its, nameEn: `${itsEn} Community`, column, row })),
}))

export const at = (column: number, row: number) => ({
  lat: origin.lat + row * blockDegrees.lat,
  lon: origin.lon + column * blockDegrees.lon,
})
const corner = (column: number, row: number): [number, number] => [at(column, row).lon, at(column, row).lat]

/** The middle of a community. */
export const centreOf = ({ column, row }: Community) =>
  at((column + 0.5) * acrossCommunity, (row + 0.5) * acrossCommunity)

/** The roads that meet at a block, for its address. */
export const roadAt = (row: number): string => roadsEast[Math.floor(row / 2) % roadsEast.length] as string

const random = seeded(7)
const parks = new Set(
  Array.from({ length: blocksAcross * blocksAcross }, (_, i) => i).filter(() => random.chance(0.04)),
)
const isPark = (column: number, row: number) => parks.has(row * blocksAcross + column)

/** The blocks of a community in which people live, as column and row of the grid; parks are left out. */
export function blocksOf(community: Community): { column: number; row: number }[] {
  const blocks: { column: number; row: number }[] = []
  for (let row = 0; row < acrossCommunity; row++)
    for (let column = 0; column < acrossCommunity; column++)
      blocks.push({ column: community.column * acrossCommunity + column, row: community.row * acrossCommunity + row })
  return blocks.filter((block) => !isPark(block.column, block.row))
}

type Feature = {
  type: 'Feature'
  properties: { kind: string; name: string; nameEn: string }
  geometry: { type: string; coordinates: unknown }
}

const box = (column: number, row: number, wide: number, high: number) => [
  [
    corner(column, row),
    corner(column + wide, row),
    corner(column + wide, row + high),
    corner(column, row + high),
    corner(column, row),
  ],
]
const feature = (kind: string, name: string, nameEn: string, type: string, coordinates: unknown): Feature => ({
  type: 'Feature',
  properties: { kind, name, nameEn },
  geometry: { type, coordinates },
})

/** The base map as GeoJSON: communities, blocks, roads, the river and parks; the same on every call. */
export function demoTown(): { type: 'FeatureCollection'; features: Feature[] } {
  const features: Feature[] = []
  const river = Array.from({ length: blocksAcross + 5 }, (_, i) => corner(i - 2, -1.6 + Math.sin(i / 3.2) * 0.5))
  features.push(feature('river', '澜江', 'Lan River', 'LineString', river))
  for (const community of streets.flatMap((street) => street.communities)) {
    features.push(
      feature(
        'community',
        community.name,
        community.nameEn,
        'Polygon',
        box(community.column * acrossCommunity, community.row * acrossCommunity, acrossCommunity, acrossCommunity),
      ),
    )
  }
  for (let row = 0; row < blocksAcross; row++) {
    for (let column = 0; column < blocksAcross; column++) {
      const park = isPark(column, row)
      features.push(feature(park ? 'park' : 'block', '', '', 'Polygon', box(column + 0.1, row + 0.1, 0.8, 0.8)))
    }
  }
  for (let i = 0; i <= blocksAcross; i += 2) {
    const east = roadsEast[(i / 2) % roadsEast.length] as string
    const north = roadsNorth[(i / 2) % roadsNorth.length] as string
    features.push(feature('street', east, '', 'LineString', [corner(-1, i), corner(blocksAcross + 1, i)]))
    features.push(feature('street', north, '', 'LineString', [corner(i, -1), corner(i, blocksAcross + 1)]))
  }
  return { type: 'FeatureCollection', features }
}
