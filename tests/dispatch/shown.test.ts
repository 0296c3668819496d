import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ResponderPage } from '../../server/contracts/dispatch.ts'
import { linkToken } from '../../server/dispatch/link.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

// Helpers who want to be told by their page. A page that lies open somewhere has shown nothing to anybody.
let centre: Centre
let ana: Awaited<ReturnType<Centre['as']>>
beforeEach(async () => {
  centre = await startCentre()
  ana = await centre.as('op01')
  await centre.db.query(`UPDATE responder SET told_by = 'app', max_open = 3`)
  for (const { id } of await centre.db.query<{ id: string }>('SELECT id FROM responder')) centre.pagesOpen.add(id)
})
afterEach(() => centre.close())

async function send(device = 0): Promise<{ id: string; responderId: string; phone: string }[]> {
  const pendant = (await devicesIn(centre))[device] as { key: string }
  const { incidentId } = (await centre.press(pendant)).body
  await ana.post(`/incidents/${incidentId}/answer`)
  await ana.post(`/incidents/${incidentId}/classify`, { catalogueCode: 'fall-help', class: 2, answers: {} })
  await ana.post(`/incidents/${incidentId}/dispatch`, {})
  await centre.work()
  return centre.db.query(
    `SELECT s.id, r.id AS "responderId", r.phone FROM assignment s JOIN responder r ON r.id = s.responder_id WHERE s.incident_id = $1 ORDER BY s.id`,
    [incidentId],
  )
}
const messaged = async () =>
  (await centre.db.query<{ about: string }>(`SELECT about FROM message WHERE channel = 'sms'`)).map(
    ({ about }) => about,
  )
const of = (assignment: { id: string } | undefined) => `assignment:${assignment?.id}`
const link = (assignment: { id: string } | undefined) => `/r/${linkToken(centre.parts.seal, assignment?.id as string)}`
const seen = (assignment: { id: string } | undefined) => centre.ask('POST', `${link(assignment)}/shown`, {}, {})

test('whose page is open but does not show the request within seconds gets the message after all', async () => {
  const [first, ...others] = await send()
  expect(await messaged()).toEqual([])
  await seen(first)
  await centre.pass(6, 2)
  const told = await messaged()
  expect(told).not.toContain(of(first))
  expect(told.sort()).toEqual(others.map(of).sort())
})

test('who answered meanwhile is not told of what they have answered', async () => {
  const [first] = await send()
  await centre.ask('POST', `${link(first)}/decline`, { reason: 'busy' }, {})
  await centre.pass(6)
  expect(await messaged()).not.toContain(of(first))
})

test('without a page the message goes at once', async () => {
  centre.pagesOpen.clear()
  const asked = await send()
  expect((await messaged()).sort()).toEqual(asked.map(of).sort())
})

test('the page of the request to which they go leads to the next one; that of one which is over leads nowhere', async () => {
  const [first] = await send()
  await centre.ask('POST', `${link(first)}/accept`, {}, {})
  const [second] = await send(1)
  await centre.db.query('UPDATE assignment SET responder_id = $2 WHERE id = $1', [second?.id, first?.responderId])
  const page = async () => (await centre.ask<ResponderPage>('GET', link(first), undefined, {})).body.alsoAsked
  expect(await page()).toBe(linkToken(centre.parts.seal, second?.id as string))
  await centre.ask('POST', `${link(first)}/done`, { note: '' }, {})
  expect(await page()).toBeNull()
})
