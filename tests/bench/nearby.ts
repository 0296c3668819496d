import pg from 'pg'
import { type Random, seeded } from '../../prisma/demo/random.ts'
import { nearest } from '../../server/dispatch/store.ts'
import type { Db } from '../../server/platform/db.ts'
import { startDatabase } from './embedded.ts'
import { cpuSeconds, megabytes, quantile } from './figures.ts'

type Place = { lat: number; lon: number }

const sizes = [100_000, 1_000_000]
// What a responder can do: nearly everybody the common one, one in a thousand the rare one.
const common = 'care'
const rare = 'locksmith'
const searches = 1_000
const recallSearches = 12
const asked = 40 // as many as the product looks at before it ranks
const cities = 200
const box = { south: 22, north: 40, west: 102, east: 121 }

/**
 * The nearest free helpers with a skill among 100,000 and a million, by the product's own query; how many of the truly
 * nearest it finds; and what it costs that they move. People live in towns of very different size, in a box like eastern China.
 */
export async function nearby(options: { quick: boolean }): Promise<void> {
  console.log(
    '\nnearby search: responders  skill   found  p50/p99 ms     empty round trip  recall (12 searches, 40 each)',
  )
  for (const size of options.quick ? sizes.slice(0, 1) : sizes) {
    const { db, url, close } = await startDatabase()
    try {
      const random = seeded(size)
      const towns = makeTowns(random)
      await enrol(db, size, random, towns)
      const places = Array.from({ length: searches }, () => placeIn(random, towns))
      for (const skill of [common, rare]) {
        const { ms, found, empty, cpuMs } = await searchAll(url, skill, places)
        const recall = await recallOf(db, skill, places.slice(0, recallSearches))
        console.log(
          `${String(size).padStart(26)}  ${(skill === common ? 'common' : 'rare').padEnd(6)}  ${String(found).padStart(5)}  ${two(ms).padEnd(13)}  ${two(empty).padEnd(16)}  ${`${cpuMs.toFixed(2)} ms`.padEnd(19)}  ${recall.toFixed(3)}`,
        )
      }
      await move(db, url, random, places)
    } finally {
      await close()
    }
  }
}

const two = (ms: number[]) => `${quantile(ms, 0.5).toFixed(2)}/${quantile(ms, 0.99).toFixed(2)}`

type Town = Place & { spread: number; share: number }
function makeTowns(random: Random): Town[] {
  return Array.from({ length: cities }, (_, i) => ({
    lat: box.south + random.next() * (box.north - box.south),
    lon: box.west + random.next() * (box.east - box.west),
    spread: 0.02 + random.next() * 0.15,
    share: 1 / (i + 3), // few large, many small ones
  }))
}

function placeIn(random: Random, towns: Town[]): Place {
  let left = random.next() * towns.reduce((sum, town) => sum + town.share, 0)
  const town = towns.find((one) => {
    left -= one.share
    return left <= 0
  }) as Town
  const radius = town.spread * Math.sqrt(-2 * Math.log(1 - random.next()))
  const angle = 2 * Math.PI * random.next()
  return { lat: town.lat + radius * Math.cos(angle), lon: town.lon + radius * Math.sin(angle) }
}

/** Three in ten are on duty and free, the others have no row in the index. */
async function enrol(db: Db, size: number, random: Random, towns: Town[]): Promise<void> {
  const batch = 20_000
  for (let from = 0; from < size; from += batch) {
    const rows = Array.from({ length: Math.min(batch, size - from) }, () => ({
      ...placeIn(random, towns),
      skills: [
        ...(random.chance(0.9) ? [common] : []),
        ...(random.chance(0.5) ? ['first-aid'] : []),
        ...(random.chance(0.001) ? [rare] : []),
      ],
      duty: random.chance(0.3),
    }))
    await db.query(
      `INSERT INTO responder (id, area_id, name, kind, phone, skills, on_duty, lat, lon, position_at, search)
       SELECT gen_random_uuid(), (SELECT id FROM area WHERE level = 'community' LIMIT 1), 'bench', 'volunteer', '', skills, duty, lat, lon, now(), ''
       FROM jsonb_to_recordset($1) AS t(lat float8, lon float8, skills text[], duty boolean)`,
      [JSON.stringify(rows)],
    )
  }
  await db.query('VACUUM ANALYZE responder')
  await db.query('VACUUM ANALYZE responder_skill')
}

const search = (db: Pick<Db, 'query'>, skill: string, place: Place) =>
  nearest(db, { incidentId: nobody, residentId: nobody, skill, ...place, limit: asked, day: '2026-11-24' })
const nobody = '00000000-0000-4000-8000-000000000000'

type Searched = { ms: number[]; found: number; empty: number[]; cpuMs: number }
/** On a connection of its own, so that the CPU of its backend can be told: it says what a search costs when the machine has other work. */
async function searchAll(url: string, skill: string, places: Place[]): Promise<Searched> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const db: Pick<Db, 'query'> = {
    query: async (text, values, name) => (await client.query({ text, values, name })).rows,
  }
  for (const place of places.slice(0, 50)) await search(db, skill, place) // the cache as it is in use
  const [backend] = await db.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const pid = (backend as { pid: number }).pid
  const ms: number[] = []
  let found = 0
  const before = cpuSeconds(pid)
  for (const place of places) {
    const started = performance.now()
    const helpers = await search(db, skill, place)
    ms.push(performance.now() - started)
    found = Math.max(found, helpers.length)
  }
  const cpuMs = ((cpuSeconds(pid) - before) * 1000) / places.length
  const empty: number[] = [] // what the machine takes for nothing
  for (const _ of places) {
    const started = performance.now()
    await db.query('SELECT 1')
    empty.push(performance.now() - started)
  }
  await client.end()
  return { ms, found, empty, cpuMs }
}

/** Against the haversine of every free responder with the skill, without any index. */
async function recallOf(db: Db, skill: string, places: Place[]): Promise<number> {
  let there = 0
  let all = 0
  for (const place of places) {
    const found = new Set((await search(db, skill, place)).map((one) => one.responderId))
    const truly = await db.query<{ id: string }>(
      `SELECT id FROM responder WHERE on_duty AND active AND open_assignments < max_open AND $1 = ANY (skills)
       ORDER BY asin(sqrt(sin(radians(lat - $2) / 2) ^ 2 + cos(radians($2)) * cos(radians(lat)) * sin(radians(lon - $3) / 2) ^ 2)) LIMIT $4`,
      [skill, place.lat, place.lon, asked],
    )
    there += truly.filter(({ id }) => found.has(id)).length
    all += truly.length
  }
  return there / all
}

/** A telephone says where it is: some hundred metres on. One at a time, then as many at once as come in a second. */
async function move(db: Db, url: string, random: Random, places: Place[]): Promise<void> {
  const free = await db.query<{ id: string }>('SELECT id FROM responder WHERE on_duty ORDER BY id')
  const size = async () => {
    const [row] = await db.query<{ bytes: number }>(`SELECT pg_relation_size('responder_skill_nearest') AS bytes`)
    return row?.bytes ?? 0
  }
  const step = (count: number) => {
    const ids = Array.from({ length: count }, () => random.pick(free).id)
    return JSON.stringify(
      ids.map((id) => ({ id, dlat: (random.next() - 0.5) / 200, dlon: (random.next() - 0.5) / 200 })),
    )
  }
  const sql = `UPDATE responder SET lat = lat + dlat, lon = lon + dlon, position_at = now()
    FROM jsonb_to_recordset($1) AS t(id uuid, dlat float8, dlon float8) WHERE responder.id = t.id`
  const timed = async (count: number) => {
    const moves = step(count)
    const started = performance.now()
    await db.query(sql, [moves])
    return performance.now() - started
  }
  const before = await size()
  const single: number[] = []
  const many: number[] = []
  for (let i = 0; i < 500; i++) single.push(await timed(1))
  for (let i = 0; i < 100; i++) many.push(await timed(1_000))
  const grown = await size()
  const { ms: moved } = await searchAll(url, common, places)
  await db.query('VACUUM responder_skill')
  for (let i = 0; i < 100; i++) await timed(1_000)
  const again = await size()
  const { ms: after } = await searchAll(url, common, places)
  console.log(`  moving, of ${free.length} on duty: one ${two(single)} ms, 1000 at once ${two(many)} ms (p50/p99)`)
  console.log(
    `  the index ${megabytes(before)}, after 100,000 moves ${megabytes(grown)}, a vacuum and 100,000 more ${megabytes(again)}; search then ${two(moved)}, ${two(after)} ms`,
  )
}
