import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { dispatchRoutes as api } from '../contracts/dispatch.ts'
import type { Parts } from '../platform/parts.ts'
import { allLike, searchPatterns } from '../platform/search-text.ts'
import { serve } from '../platform/serve.ts'

// As many as one looks through; who is not among them is searched for by more letters.
const phonesMax = 20

/** Demo only (the guard answers not-found otherwise): what the simulator page needs to press and to read pretend telephones. */
export function demoRoutes(app: FastifyInstance, parts: Parts, autopilot: { on: boolean }): void {
  serve(app, api.demoDevices, async () => {
    const demo = JSON.parse(await readFile(join(parts.env.dataDir, 'demo.json'), 'utf8')) as {
      devices: { id: string; account: string; key: string; residentName: string }[]
    }
    const rows = await parts.db.query<{
      id: string
      kind: string
      room: string
      areaId: string
      areaName: string
      areaNameEn: string
      state: string
    }>(
      `SELECT d.id, d.kind, d.room, d.area_id AS "areaId", area.name AS "areaName", area.name_en AS "areaNameEn", d.state
       FROM device d JOIN area ON area.id = d.area_id ORDER BY d.account`,
    )
    const known = new Map(demo.devices.map((device) => [device.id, device]))
    const items = rows.flatMap((row) => {
      const device = known.get(row.id)
      return device ? [{ ...row, account: device.account, key: device.key, residentName: device.residentName }] : []
    })
    return { items, next: null }
  })
  serve(app, api.demoPhones, async ({ query }) => {
    const words = searchPatterns(query.q)
    const items = await parts.db.query<{ id: string; name: string; number: string; areaName: string }>(
      `SELECT r.id, r.name, r.phone AS number, area.name AS "areaName" FROM resident r JOIN area ON area.id = r.area_id
       WHERE r.active AND r.phone IS NOT NULL AND ${allLike('r.search', words, 2)}
       ORDER BY r.name, r.id LIMIT $1`,
      [phonesMax, ...words],
    )
    return { items, next: null }
  })
  serve(app, api.demoMessages, async () => {
    const rows = await parts.db.query<{
      id: string
      channel: string
      to: string
      text: string
      status: string
      createdAt: Date
    }>(
      'SELECT id, channel, phone AS "to", text, status, created_at AS "createdAt" FROM message ORDER BY created_at DESC LIMIT 100',
    )
    return {
      items: rows.map((row) => ({
        ...row,
        createdAt: row.createdAt.toISOString(),
        link: /https?:\/\/\S+/.exec(row.text)?.[0] ?? null,
      })),
      next: null,
    }
  })
  serve(app, api.demoResponders, async () => ({ on: autopilot.on }))
  serve(app, api.setDemoResponders, async ({ body }) => {
    autopilot.on = body.on
    return { on: autopilot.on }
  })
}
