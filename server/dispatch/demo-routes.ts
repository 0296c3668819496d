import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { v7 } from 'uuid'
import type { z } from 'zod'
import { dispatchRoutes as api, type demoPhone } from '../contracts/dispatch.ts'
import { messagesIn } from '../messages/commands.ts'
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
       FROM device d JOIN area ON area.id = d.area_id WHERE d.protocol IN ('http', 'web') ORDER BY d.account`,
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
    const digits = query.q.replace(/\D/g, '')
    const items = await parts.db.query<z.input<typeof demoPhone>>(
      `WITH found AS (
         SELECT r.id, r.name, r.phone, area.name AS area FROM resident r JOIN area ON area.id = r.area_id
         WHERE r.active AND r.phone IS NOT NULL AND ${allLike('r.search', words, 3)} ORDER BY r.name, r.id LIMIT $1)
       SELECT id, name, phone AS number, area AS "areaName", '' AS relation, name AS of FROM found
       UNION ALL SELECT c.id, c.name, c.phone, f.area, c.relation, f.name FROM contact c JOIN found f ON f.id = c.resident_id
       UNION ALL (SELECT c.id, c.name, c.phone, area.name, c.relation, r.name FROM contact c JOIN resident r ON r.id = c.resident_id
         JOIN area ON area.id = r.area_id WHERE length($2) > 5 AND c.phone LIKE '%' || $2 LIMIT $1)
       ORDER BY of, relation LIMIT $1`,
      [phonesMax, digits, ...words],
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
  serve(app, api.sendDemoMessage, async ({ body }) => {
    const { hotline } = parts.env
    await messagesIn(parts).heard({ id: v7(), ...body, to: hotline, media: 0, keyword: null })
    return {}
  })
  serve(app, api.demoResponders, async () => ({ on: autopilot.on }))
  serve(app, api.setDemoResponders, async ({ body }) => {
    autopilot.on = body.on
    return { on: autopilot.on }
  })
}
