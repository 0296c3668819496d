import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

type Person = Awaited<ReturnType<Centre['as']>>
type Problem = { code?: string; errors?: { path: string }[] }
let centre: Centre
let ana: Person
let admin: Person
let incident: string
let resident: { id: string; householdId: string }
beforeAll(async () => {
  centre = await startCentre()
  ana = await centre.as('op01')
  admin = await centre.as('admin')
  const [device] = await devicesIn(centre)
  incident = (await centre.press(device as { key: string })).body.incidentId
  await ana.post(`/incidents/${incident}/answer`)
  resident = (await ana.get<typeof resident>(`/residents/${device?.residentId}`)).body
})
afterAll(() => centre.close())

const said = ({ status, body }: { status: number; body: Problem }) => [
  status,
  ...(body.errors ?? []).map((error) => error.path),
]
const nul = encodeURIComponent('a\0b')
const half = JSON.parse('"\\ud800"') as string

test('a version beyond what the database counts is refused by name', async () => {
  for (const version of [1e12, 2 ** 31, 0, -1, 1.5])
    expect(said(await ana.post<Problem>(`/incidents/${incident}/note`, { text: 'x', version }))).toEqual([
      422,
      'version',
    ])
  const { id, householdId: _, ...form } = resident
  const put = await ana.put<Problem>(`/residents/${id}`, { version: 1e12, form })
  expect([put.status, put.body.errors?.[0]?.path]).toEqual([422, 'version'])
})

test('a body that is no JSON is told what to send', async () => {
  const reply = await centre.app.inject({
    method: 'POST',
    url: '/api/v1/sessions',
    headers: { 'content-type': 'text/plain' },
    payload: 'username=op01',
  })
  expect([reply.statusCode, reply.json<{ code: string }>().code]).toEqual([400, 'bad-request'])
  expect(reply.json<{ detail: string }>().detail).toContain('application/json')
})

test('each fault of a field is a code that the page has words for', async () => {
  const { id: _, householdId, ...form } = resident
  const wrong = { ...form, householdId, name: '', nameToUse: 'x'.repeat(70), languages: [], phone: '12', sex: 'x' }
  const { body } = await ana.post<{ errors: { path: string; message: string }[] }>('/residents', wrong)
  expect(Object.fromEntries(body.errors.map((error) => [error.path, error.message]))).toMatchObject({
    name: 'required',
    nameToUse: 'too-long:60',
    languages: 'too-few:1',
    phone: 'too-short:3',
    sex: 'not-in-list',
  })
})

test('words to search with that hold a NUL are refused by name', async () => {
  for (const list of ['/residents', '/households', '/devices', '/providers', '/responders'])
    expect([list, ...said(await ana.get<Problem>(`${list}?q=${nul}`))]).toEqual([list, 400, 'q'])
  expect(said(await admin.get<Problem>(`/accounts?q=${nul}`))).toEqual([400, 'q'])
  expect(said(await admin.get<Problem>(`/audit?subjectId=${nul}`))).toEqual([400, 'subjectId'])
})

test('a page that no list has is refused by name, and one past the end is empty', async () => {
  const lists: [Person, string][] = [
    ...['/residents', '/households', '/devices', '/providers', '/responders', '/incidents', '/follow-ups'].map(
      (list): [Person, string] => [ana, list],
    ),
    [admin, '/accounts'],
    [admin, '/audit'],
  ]
  for (const [person, list] of lists) {
    for (const cursor of ['9'.repeat(30), '-1', '1e3', 'x'])
      expect([list, ...said(await person.get<Problem>(`${list}?cursor=${cursor}`))]).toEqual([list, 400, 'cursor'])
    const { status } = await person.get(`${list}?cursor=${'9'.repeat(15)}`)
    expect([list, status]).toEqual([list, 200])
  }
})

test('a text that cannot be kept is refused wherever it stands, and changes nothing', async () => {
  for (const text of ['a\0b', half])
    expect(said(await ana.post<Problem>(`/incidents/${incident}/note`, { text }))).toEqual([422, 'text'])
  const classified = { catalogueCode: 'fall-help', class: 2, answers: { first: 'a\0' } }
  expect(said(await ana.post<Problem>(`/incidents/${incident}/classify`, classified))).toEqual([422, 'answers.first'])
  expect(
    said(await ana.post<Problem>(`/incidents/${incident}/classify`, { ...classified, answers: { [half]: 'x' } })),
  ).toEqual([422, 'answers'])
  const facts = await centre.db.query('SELECT 1 FROM fact WHERE incident_id = $1', [incident])
  expect(facts).toHaveLength(2) // opened, answered
  expect((await ana.post(`/incidents/${incident}/note`, { text: '家属🙂来电' })).status).toBe(200)
})

test('a number or a day that the database cannot keep is refused by name', async () => {
  const item = {
    code: 'too-much',
    name: '太贵',
    nameEn: 'Too much',
    class: 'convenience',
    priority: 3,
    skill: 'care',
    targetMinutes: 60,
    priceFen: 1e12,
    subsidyFen: 1e12,
    questions: [],
    active: true,
    position: 1e12,
  }
  expect(said(await admin.post<Problem>('/catalogue', item))).toEqual([422, 'priceFen', 'subsidyFen', 'position'])
  const born = await ana.post<Problem>('/residents', { ...resident, birthDate: '0000-01-01', contacts: [] })
  expect(said(born)).toEqual([422, 'birthDate'])
})
