import { createHash } from 'node:crypto'
import { Agent, request } from 'node:http'
import type { Db } from '../../server/platform/db.ts'

export const keyOf = (i: number): string => `bench-crowd-key-${i}`
const sendersMax = 64

/** Residents with a device each, so that each press is an incident of its own. */
export async function enrolCrowd(db: Pick<Db, 'query'>, count: number): Promise<void> {
  const households = await db.query<{ area: string; household: string }>(
    'SELECT area_id AS area, id AS household FROM household ORDER BY id LIMIT 200',
  )
  const batch = 5_000
  for (let from = 0; from < count; from += batch) {
    const rows = Array.from({ length: Math.min(batch, count - from) }, (_, n) => ({
      n: from + n,
      hash: createHash('sha256')
        .update(keyOf(from + n))
        .digest('hex'),
      ...households[(from + n) % households.length],
    }))
    await db.query(
      `WITH t AS (SELECT *, gen_random_uuid() AS resident FROM jsonb_to_recordset($1) AS t(n int, hash text, area uuid, household uuid)),
       r AS (INSERT INTO resident (id, household_id, area_id, name, search) SELECT resident, household, area, 'bench', '' FROM t)
       INSERT INTO device (id, resident_id, area_id, account, key_hash, kind, state)
       SELECT gen_random_uuid(), resident, area, 'crowd' || n, decode(hash, 'hex'), 'pendant', 'in-service' FROM t`,
      [JSON.stringify(rows)],
    )
  }
  await db.query('ANALYZE')
}

export type Crowd = ReturnType<typeof makeCrowd>

/** Presses the buttons of the crowd over real HTTP. */
export function makeCrowd(url: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: sendersMax })
  const { hostname, port } = new URL(url)
  let sequence = 0

  function press(i: number, type: string): Promise<number> {
    const text = JSON.stringify({ sequence: ++sequence, type, battery: 0.8 })
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      authorization: `Bearer ${keyOf(i)}`,
    }
    return new Promise((resolve, reject) => {
      const sent = request({ agent, hostname, port, path: '/api/v1/alarms', method: 'POST', headers }, (reply) => {
        reply.resume()
        reply.once('end', () => resolve(reply.statusCode ?? 0))
      })
      sent.once('error', reject)
      sent.end(text)
    })
  }

  return {
    press,
    /** Everybody once; throws when one is not stored. */
    async pressAll(count: number, type: string): Promise<void> {
      let next = 0
      const sender = async () => {
        while (next < count) {
          const status = await press(next++, type)
          if (status !== 201) throw new Error(`a press was answered with ${status}`)
        }
      }
      await Promise.all(Array.from({ length: sendersMax }, sender))
    },
    /** So many a second, by everybody in turn, until the time is over; answers how many were not stored. */
    async keepPressing(
      count: number,
      type: string,
      perSecond: number,
      ms: number,
    ): Promise<{ sent: number; failed: number }> {
      const started = performance.now()
      const all: Promise<void>[] = []
      let failed = 0
      for (let i = 0; performance.now() - started < ms; i++) {
        const wait = started + (i * 1000) / perSecond - performance.now()
        if (wait > 1) await new Promise((later) => setTimeout(later, wait))
        all.push(
          press(i % count, type)
            .catch(() => 0)
            .then((status) => {
              if (status !== 200 && status !== 201) failed += 1
            }),
        )
      }
      await Promise.all(all)
      return { sent: all.length, failed }
    },
    close: () => agent.destroy(),
  }
}
