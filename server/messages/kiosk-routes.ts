import type { FastifyInstance } from 'fastify'
import { kioskRoutes as api } from '../contracts/kiosk.ts'
import { countFailedAttempts } from '../platform/failed-attempts.ts'
import type { Parts } from '../platform/parts.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'
import { serve } from '../platform/serve.ts'
import { beginText, kioskCall, kioskEnd, kioskOf, kioskText } from './text-calls.ts'

const unknownKiosk = refuse('unknown-key', 'This kiosk is not known. Enter the key that your administrator issued.')

const manyWrong = refuse('too-many-requests', 'Too many wrong keys. Wait a minute, then enter the key again.')

/** What a kiosk may ask with its device key; it knows its own conversations and nothing else. */
export function kioskRoutes(app: FastifyInstance, parts: Parts): void {
  const attempts = countFailedAttempts(parts.clock)
  type Asked = { request: { ip: string; headers: { authorization?: string | undefined } } }
  const asKiosk = async <T>({ request }: Asked, run: (deviceId: string) => Promise<T>): Promise<T | Refusal> => {
    const attempt = attempts.begin(request.ip)
    const deviceId = await kioskOf(parts, request.headers.authorization)
    if (!deviceId) return attempt.many ? manyWrong : unknownKiosk
    attempt.right()
    return run(deviceId)
  }
  serve(app, api.kiosk, (asked) =>
    asKiosk(asked, async (deviceId) => {
      const [area] = await parts.db.query<{ areaName: string; areaNameEn: string }>(
        `SELECT area.name AS "areaName", area.name_en AS "areaNameEn" FROM device d JOIN area ON area.id = d.area_id WHERE d.id = $1`,
        [deviceId],
      )
      const tiles = await parts.db.query<{ code: string; name: string; nameEn: string; class: string }>(
        `SELECT code, name, name_en AS "nameEn", class FROM catalogue_item WHERE active AND class IN ('public', 'convenience') ORDER BY code LIMIT 8`,
      )
      await parts.db.query('UPDATE device SET last_heard_at = $2 WHERE id = $1', [deviceId, parts.clock.now()])
      return {
        deviceId,
        areaName: area?.areaName ?? '',
        areaNameEn: area?.areaNameEn ?? '',
        hotline: parts.env.hotline,
        tiles,
      }
    }),
  )
  serve(app, api.kioskWrite, (asked) => asKiosk(asked, (deviceId) => beginText(parts, deviceId, asked.body)))
  serve(app, api.kioskCall, (asked) => asKiosk(asked, (deviceId) => kioskCall(parts, deviceId, asked.params.id)))
  serve(app, api.kioskText, (asked) =>
    asKiosk(asked, (deviceId) => kioskText(parts, deviceId, asked.params.id, asked.body)),
  )
  serve(app, api.kioskEnd, (asked) => asKiosk(asked, (deviceId) => kioskEnd(parts, deviceId, asked.params.id)))
}
