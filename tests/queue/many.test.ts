import { afterAll, beforeAll, expect, test } from 'vitest'
import { routeIncidents } from '../../server/queue/route-incident.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

const many = 230

let centre: Centre
beforeAll(async () => {
  centre = await startCentre()
})
afterAll(() => centre.close())

test('with more free operators than one look took in before, nobody sits idle behind what rings at colleagues', async () => {
  const devices = (await devicesIn(centre)).filter((device) => device.lineClass > 1 && device.language === 'zh')
  expect(devices.length).toBeGreaterThanOrEqual(many)
  for (const device of devices.slice(0, many)) await centre.press(device)
  await centre.db.query(
    `WITH one AS (INSERT INTO account (id, username, name, password_hash, locale, languages, skills, capacity, active, failed_logins, version)
       SELECT gen_random_uuid(), 'many' || n, 'many', '', 'zh-CN', '{zh}', '{emergency,general,technical}', 3, true, 0, 1 FROM generate_series(1, $1) n RETURNING id),
     role AS (INSERT INTO account_role (account_id, role, area_id) SELECT one.id, 'operator', area.id FROM one, area WHERE area.level = 'district')
     INSERT INTO presence (account_id, status, since, idle_since, seen_at) SELECT id, 'available', $2, $2, $2 FROM one`,
    [many, centre.clock.now()],
  )
  const ringing = async () =>
    (
      await centre.db.query<{ offers: number; operators: number }>(
        `SELECT count(DISTINCT o.id)::int AS offers, count(DISTINCT p)::int AS operators FROM offer o, unnest(o.operators) p WHERE o.status = 'ringing'`,
      )
    )[0]

  await routeIncidents(centre.parts)
  expect(await ringing()).toEqual({ offers: many, operators: many })
  // Looked at again, with all of them ringing: it finds nothing more to do.
  await routeIncidents(centre.parts)
  expect(await ringing()).toEqual({ offers: many, operators: many })
})
