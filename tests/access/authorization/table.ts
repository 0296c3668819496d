import type { Api } from '../../../server/contracts/api.ts'
import { operatorLegId } from '../../../server/contracts/voice.ts'
import { noteStranger } from '../../../server/devices/strangers.ts'
import { tone } from '../../support/tones.ts'
import { pcmWav } from '../../support/wav.ts'
import { type Asked, type Role, unknownId, usernames, type World } from './world.ts'

/**
 * One door: a valid request to it, and what each role hears. An outcome is `ok`, `seen` or `unseen` (the list holds the
 * thing, or does not), or the code of the refusal. `keys` is for nobody, device, kiosk, link; `people` for stranger,
 * elsewhere, both, colleague, owner, supervisor, administrator, provider, auditor. `audited` is `action subject-kind` of the
 * row that whoever gets an answer leaves in the audit; `fact` when it stands in the incident's timeline instead; why nothing
 * is written where a door shows nothing of a person is said by `-`.
 */
export type Door = {
  ask: (w: World, role: Role) => Promise<Asked> | Asked
  keys?: string
  people: string
  audited: string
}

const noSession = 'not-signed-in not-signed-in not-signed-in not-signed-in'
export const keysOf = (door: Door) => (door.keys ?? noSession).split(' ')

const none = 'forbidden'
/** Whoever owns the incident; the area hides it from outside, and the others of the area are told to take it first. */
const ofOwner = `not-found not-found not-owner not-owner ok not-owner ${none} ${none} ${none}`
const ofOwnerOrLeader = `not-found not-found not-owner not-owner ok ok ${none} ${none} ${none}`
const ofArea = `not-found not-found ok ok ok ok ${none} ${none} ${none}`
const everybody = 'ok ok ok ok ok ok ok ok ok'

const incident = (of: (w: World) => Promise<string>, body: object = {}, people = ofOwner): Door => ({
  ask: async (w) => ({ params: { id: await of(w) }, body }),
  people,
  audited: 'fact',
})
const owned = async (w: World) => (await w.owned()).id
const onCall = (
  of: (w: World) => Promise<{ callId: string }>,
  people: string,
  body: (w: World) => object = () => ({}),
): Door => ({
  ask: async (w) => ({ params: { id: (await of(w)).callId }, body: body(w) }),
  people,
  audited: '-',
})
const list = (ask: Door['ask'], people: string, audited: string): Door => ({ ask, people, audited })

const area = (w: World) => ({
  parentId: w.ids.street,
  level: 'community',
  name: '新',
  nameEn: 'New',
  lat: 30.2,
  lon: 120.1,
  onCallPhone: null,
})
let n = 0
const passwordOf = (w: World, role: Role) => {
  const username = usernames[role as keyof typeof usernames]
  return w.centre.demo.accounts.find((one) => one.username === username)?.password ?? 'nobody'
}
/** A new account of the street, to be dealt with. */
const lent = async (w: World) => (await w.must(w.people.administrator.post<{ id: string }>('/accounts', account(w)))).id
const account = (w: World) => ({
  username: `door.${++n}`,
  name: '新人',
  phone: null,
  locale: 'zh-CN',
  languages: ['zh'],
  skills: ['general'],
  capacity: 2,
  active: true,
  roles: [{ role: 'operator', areaId: w.ids.street }],
})
const service = () => ({
  code: `door-${++n}`,
  name: '新服务',
  nameEn: 'New',
  class: 'convenience',
  priority: 3,
  skill: 'care',
  targetMinutes: 60,
  priceFen: 0,
  subsidyFen: 0,
  questions: [],
  active: false,
  position: 99,
})
const hotline = (w: World) => ({
  number: `8000${++n}`,
  name: '新线',
  nameEn: 'New',
  areaId: w.ids.street,
  locale: 'zh-CN',
  active: true,
})
/** A call from a number that is no life line's. */
const nuisanceCall = async (w: World) => {
  const { callId } = await w.talking()
  await w.db.query(`UPDATE call SET number = '+8613812340000' WHERE id = $1`, [callId])
  return callId
}
const nuisance = async (w: World) => {
  const id = await nuisanceCall(w)
  const marked = await w.must(
    w.people.supervisor.post<{ id: string }>(`/calls/${id}/nuisance`, { reason: '反复骚扰', hours: 24 }),
  )
  return marked.id
}
const household = (w: World) => ({
  areaId: w.ids.here,
  address: `门路${++n}号`,
  building: '',
  entrance: '',
  floor: null,
  room: '',
  lift: false,
  lat: 30.2,
  lon: 120.1,
  access: null,
})
const provider = (w: World) => ({
  areaId: w.ids.here,
  name: `门店${++n}`,
  kind: 'care',
  phone: '13800138000',
  licence: '',
  licenceUntil: null,
  services: [],
  hours: '',
  active: true,
})
const responder = (w: World) => ({
  providerId: null,
  areaId: w.ids.here,
  name: `门员${++n}`,
  kind: 'staff',
  phone: '13800138000',
  languages: ['zh'],
  skills: ['care'],
  travel: 'foot',
  toldBy: 'sms',
  onDuty: false,
  lat: 30.2,
  lon: 120.1,
  maxOpen: 1,
  active: true,
})
const device = (w: World) => ({
  residentId: w.pendant.residentId,
  areaId: w.ids.here,
  protocol: 'http',
  account: `door-${++n}`,
  kind: 'pendant',
  room: '',
  state: 'registered',
  testExpiresAt: null,
})
const importFile = () => ({
  file: Buffer.from(`account,protocol,kind,area\ndoor-${++n},http,pendant,听潮社区\n`).toString('base64'),
})
const deviceType = () => ({
  code: `door-${++n}`,
  name: '门磁',
  nameEn: 'Door',
  kind: 'pendant',
  protocol: 'http',
  heartbeatS: 60,
  lateS: 120,
  lostS: 180,
  batteryLow: 0.2,
  batteryRestored: 0.3,
  quirks: {},
})
const residentForm = async (w: World) => {
  const { version, form } = await w.form(`/residents/${w.pendant.residentId}`, [
    'id',
    'areaId',
    'household',
    'devices',
    'version',
  ])
  return { version, form: { ...form, healthNotes: null } }
}
const prompt = { locale: 'zh-CN', key: 'greeting' }
const speech = { wav: Buffer.from(pcmWav(tone(440, 500))).toString('base64') }
const uploaded = async (w: World) => {
  const { draft } = await w.must(
    w.people.administrator.put<{ draft: { id: string } }>('/prompts/zh-CN/greeting', speech),
  )
  return draft.id
}
/** The right link for who holds it; for everybody else one that is well formed and signed by nobody. */
const link = (body: object, before: (w: World) => Promise<unknown> = (w) => w.sent()): Door => ({
  ask: async (w, role) => {
    await before(w)
    return {
      params: { token: role === 'link' ? w.token : w.token.slice(0, 22) + 'A'.repeat(w.token.length - 22) },
      body,
    }
  },
  keys: 'not-found not-found not-found ok',
  people: 'not-found '.repeat(9).trim(),
  audited: '-',
})
const accepted = async (w: World) => {
  const { assignment } = await w.sent()
  await w.must(w.people.owner.post(`/assignments/${assignment}/report`, { report: 'accept' }))
  return assignment
}
const onItsWay = async (w: World) => {
  const id = await accepted(w)
  for (const report of ['en-route', 'on-scene'])
    await w.must(w.people.owner.post(`/assignments/${id}/report`, { report }))
}
const kiosk = (ask: Door['ask']): Door => ({
  ask,
  keys: 'unknown-key unknown-key ok unknown-key',
  people: 'unknown-key '.repeat(9).trim(),
  audited: '-',
})
const line = () => ({ clientId: `door-line-${++n}`, text: '请写字' })

const notMine = 'invalid'
const unseenFar = `unseen unseen seen seen seen seen`

export const doors: Record<keyof Api, Door> = {
  // access
  signIn: {
    ask: (w) => ({ body: w.centre.demo.accounts.find((one) => one.username === 'op03') }),
    keys: 'ok ok ok ok',
    people: everybody,
    audited: '-',
  },
  signOut: { ask: () => ({ freshSession: true }), people: everybody, audited: '-' },
  me: { ask: () => ({}), people: everybody, audited: '-' },
  confirmPassword: { ask: (w, role) => ({ body: { password: passwordOf(w, role) } }), people: everybody, audited: '-' },
  ownSessions: { ask: () => ({}), people: everybody, audited: '-' },
  endSession: { ask: () => ({ body: { id: 'a0a0a0a0a0a0' } }), people: everybody, audited: '-' },
  changePassword: {
    ask: (w, role) => ({ body: { old: passwordOf(w, role), password: passwordOf(w, role) } }),
    people: everybody,
    audited: 'change-password account',
  },
  makePasswordLink: {
    ask: async (w) => ({ params: { id: await lent(w) } }),
    people: `${none} not-found not-found ${none} ${none} ${none} ok ${none} ${none}`,
    audited: 'make-password-link account',
  },
  usePasswordLink: {
    ask: async (w) => {
      const id = await lent(w)
      const made = await w.must(w.people.administrator.post<{ link: string }>(`/accounts/${id}/password-link`))
      return { body: { token: made.link.split('#')[1], password: 'three plain words 7' } }
    },
    keys: 'ok ok ok ok',
    people: everybody,
    audited: 'use-password-link account',
  },
  approveRole: {
    ask: async (w) => {
      const id = await lent(w)
      await w.db.query(
        `INSERT INTO asked_role (account_id, role, area_id, asked_by, asked_at) VALUES ($1, 'supervisor', $2, $3, now()) ON CONFLICT DO NOTHING`,
        [id, w.ids.street, unknownId],
      )
      return { params: { id }, body: { role: 'supervisor', areaId: w.ids.street, yes: true } }
    },
    people: `${none} not-found not-found ${none} ${none} ${none} ok ${none} ${none}`,
    audited: 'approve-role account',
  },
  setLocale: { ask: () => ({ body: { locale: 'zh-CN' } }), people: everybody, audited: '-' },
  areas: list((w) => ({ thing: w.ids.here }), 'unseen unseen seen seen seen seen seen seen seen', '-'),
  createArea: {
    ask: (w) => ({ body: area(w) }),
    people: `${none} ${notMine} ${notMine} ${none} ${none} ${none} ok ${none} ${none}`,
    audited: 'create area',
  },
  updateArea: {
    ask: async (w) => {
      const [row] = await w.db.query<Record<string, unknown>>(
        `SELECT parent_id AS "parentId", level, name, name_en AS "nameEn", lat, lon, on_call_phone AS "onCallPhone", version FROM area WHERE id = $1`,
        [w.ids.here],
      )
      const { version, ...form } = row as Record<string, unknown>
      return { params: { id: w.ids.here }, body: { version, form } }
    },
    people: `${none} not-found not-found ${none} ${none} ${none} ok ${none} ${none}`,
    audited: 'change area',
  },
  accounts: list(
    (w) => ({ query: { limit: '200' }, thing: w.people.owner.id }),
    `${none} unseen unseen ${none} ${none} ${none} seen ${none} ${none}`,
    'look account-list',
  ),
  createAccount: {
    ask: (w) => ({ body: account(w) }),
    people: `${none} forbidden forbidden ${none} ${none} ${none} ok ${none} ${none}`,
    audited: 'create account',
  },
  updateAccount: {
    ask: async (w) => {
      const made = await w.must(w.people.administrator.post<{ id: string; version: number }>('/accounts', account(w)))
      const { id, version, ...form } = made
      return { params: { id }, body: { version, form } }
    },
    people: `${none} not-found not-found ${none} ${none} ${none} ok ${none} ${none}`,
    audited: 'change account',
  },
  audit: list(
    async (w) => {
      await w.must(w.people.owner.get(`/residents/${w.pendant.residentId}`))
      return { thing: w.pendant.residentId, keepLooks: true }
    },
    `${none} unseen unseen ${none} ${none} seen seen ${none} seen`,
    '-', // who reads what was read is the auditor's work itself
  ),
  looksToReview: list(
    async (w) => ({ thing: (await w.brokenGlass()).id, keepLooks: true }),
    `${none} unseen unseen ${none} ${none} seen ${none} ${none} ${none}`,
    '-', // names the colleague who looked, and nobody who was looked at
  ),
  reviewLook: {
    ask: async (w) => ({ params: { id: (await w.brokenGlass()).lookId }, body: { note: '' }, keepLooks: true }),
    people: `${none} not-found not-found ${none} ${none} ok ${none} ${none} ${none}`,
    audited: '-', // the review is the record
  },

  // catalogue
  catalogue: { ask: () => ({}), people: everybody, audited: '-' },
  createCatalogueItem: {
    ask: () => ({ body: service() }),
    people: `${none} forbidden forbidden ${none} ${none} ${none} ok ${none} ${none}`,
    audited: 'create catalogue-item',
  },
  updateCatalogueItem: {
    ask: async (w) => {
      const { version, ...form } = await w.must(
        w.people.administrator.post<{ version: number; code: string }>('/catalogue', service()),
      )
      return { params: { code: form.code }, body: { version, form } }
    },
    people: `${none} forbidden forbidden ${none} ${none} ${none} ok ${none} ${none}`,
    audited: 'change catalogue-item',
  },

  // the numbers that people dial, and those that are marked
  hotlines: { ask: () => ({}), people: everybody, audited: '-' },
  createHotline: {
    ask: (w) => ({ body: hotline(w) }),
    people: `${none} forbidden forbidden ${none} ${none} ${none} ok ${none} ${none}`,
    audited: 'create hotline',
  },
  updateHotline: {
    ask: async (w) => {
      const { id, version, ...form } = await w.must(
        w.people.administrator.post<{ id: string; version: number }>('/hotlines', hotline(w)),
      )
      return { params: { id }, body: { version, form } }
    },
    people: `${none} forbidden forbidden ${none} ${none} ${none} ok ${none} ${none}`,
    audited: 'change hotline',
  },
  nuisances: list(
    async (w) => ({ thing: await nuisance(w) }),
    `${none} unseen unseen ${none} ${none} seen ${none} ${none} ${none}`,
    '-',
  ),
  markNuisance: {
    ask: async (w) => ({ params: { id: await nuisanceCall(w) }, body: { reason: '反复骚扰', hours: 24 } }),
    people: `${none} not-found not-found ${none} ${none} ok ${none} ${none} ${none}`,
    audited: 'create nuisance',
  },
  endNuisance: {
    ask: async (w) => ({ params: { id: await nuisance(w) } }),
    people: `${none} not-found not-found ${none} ${none} ok ${none} ${none} ${none}`,
    audited: 'change nuisance',
  },

  // residents
  residents: list(
    (w) => ({ query: { q: w.resident.phone.slice(-8), limit: '200' }, thing: w.pendant.residentId }),
    `${unseenFar} seen ${none} ${none}`,
    'search resident-list',
  ),
  resident: {
    ask: (w) => ({ params: { id: w.pendant.residentId } }),
    people: `not-found not-found ok ok ok ok ok ${none} ${none}`,
    audited: 'look resident',
  },
  createResident: {
    ask: async (w) => ({ body: { ...(await residentForm(w)).form, phone: null, contacts: [] } }),
    people: `${notMine} ${notMine} ok ok ok ok ok ${none} ${none}`,
    audited: 'create resident',
  },
  updateResident: {
    ask: async (w) => ({ params: { id: w.pendant.residentId }, body: await residentForm(w) }),
    people: `${notMine} ${notMine} ok ok ok ok ok ${none} ${none}`,
    audited: 'change resident',
  },
  households: list(
    (w) => ({ query: { areaId: w.ids.here, limit: '200', cursor: '0' }, thing: w.resident.householdId }),
    `${unseenFar} seen ${none} ${none}`,
    'look household-list',
  ),
  household: {
    ask: (w) => ({ params: { id: w.resident.householdId } }),
    people: `not-found not-found ok ok ok ok ok ${none} ${none}`,
    audited: 'look household',
  },
  createHousehold: {
    ask: (w) => ({ body: household(w) }),
    people: `${notMine} ${notMine} ok ok ok ok ok ${none} ${none}`,
    audited: 'create household',
  },
  updateHousehold: {
    ask: async (w) => {
      const { id, version } = await w.must(
        w.people.administrator.post<{ id: string; version: number }>('/households', household(w)),
      )
      return { params: { id }, body: { version, form: household(w) } }
    },
    people: `${notMine} ${notMine} ok ok ok ok ok ${none} ${none}`,
    audited: 'change household',
  },
  revealAccess: {
    ask: (w) => ({ params: { id: w.resident.householdId }, body: { incidentId: null, reason: '急救人员需要' } }),
    people: `not-found not-found ok ok ok ok ${none} ${none} ${none}`,
    audited: 'reveal-access household',
  },
  recordContactResult: {
    ask: async (w) => {
      return { params: { id: await w.readContact() }, body: { result: 'reached', incidentId: null } }
    },
    people: ofArea,
    audited: 'contact-reached resident',
  },

  // devices
  devices: list(
    (w) => ({ query: { areaId: w.ids.here, limit: '200' }, thing: w.pendant.id }),
    `${unseenFar} seen ${none} ${none}`,
    'look device-list',
  ),
  device: {
    ask: (w) => ({ params: { id: w.pendant.id } }),
    people: `not-found not-found ok ok ok ok ok ${none} ${none}`,
    audited: 'look device',
  },
  createDevice: {
    ask: (w) => ({ body: device(w) }),
    people: `${notMine} ${notMine} ok ok ok ok ok ${none} ${none}`,
    audited: 'create device',
  },
  updateDevice: {
    ask: async (w) => {
      const { id, version } = await w.must(
        w.people.administrator.post<{ id: string; version: number }>('/devices', device(w)),
      )
      return { params: { id }, body: { version, form: device(w) } }
    },
    people: `${notMine} ${notMine} ok ok ok ok ok ${none} ${none}`,
    audited: 'change device',
  },
  checkDeviceImport: {
    ask: () => ({ body: importFile() }),
    people: `ok ok ok ok ok ok ok ${none} ${none}`,
    audited: '-', // what is in the file is known to whoever sends it
  },
  importDevices: {
    ask: () => ({ body: importFile() }),
    people: `import-has-faults import-has-faults ok ok ok ok ok ${none} ${none}`,
    audited: 'create device',
  },
  unprotected: list(
    async (w) => {
      await w.db.query(`UPDATE device SET silence = 'lost' WHERE resident_id = $1`, [w.pendant.residentId])
      return { query: { areaId: w.ids.here, limit: '200' }, thing: w.pendant.residentId }
    },
    `${unseenFar} seen ${none} ${none}`,
    'look resident-list',
  ),
  unprotectedMap: list(
    async (w) => {
      await w.db.query(`UPDATE device SET silence = 'lost' WHERE resident_id = $1`, [w.pendant.residentId])
      return { query: { areaId: w.ids.here }, thing: w.pendant.residentId }
    },
    `${unseenFar} seen ${none} ${none}`,
    'look resident-list',
  ),
  strangers: {
    ask: () => ({}),
    people: `${none} ok ok ${none} ${none} ok ${none} ${none} ${none}`,
    audited: '-', // devices of nobody
  },
  reviewStranger: {
    ask: async (w) => {
      await noteStranger(w.centre.parts, { protocol: 'dc09', account: '1', said: '', because: 'unreadable' })
      const [row] = await w.db.query<{ id: string }>('SELECT id FROM stranger LIMIT 1')
      return { params: { id: row?.id as string } }
    },
    people: `${none} not-found not-found ${none} ${none} ok ${none} ${none} ${none}`,
    audited: '-', // the review is the record
  },
  deviceTypes: { ask: () => ({}), people: everybody, audited: '-' },
  createDeviceType: {
    ask: () => ({ body: deviceType() }),
    people: `${none} forbidden forbidden ${none} ${none} ${none} ok ${none} ${none}`,
    audited: 'create device-type',
  },
  updateDeviceType: {
    ask: async (w) => {
      const { version, ...form } = await w.must(
        w.people.administrator.post<{ version: number; code: string }>('/device-types', deviceType()),
      )
      return { params: { code: form.code }, body: { version, form } }
    },
    people: `${none} forbidden forbidden ${none} ${none} ${none} ok ${none} ${none}`,
    audited: 'change device-type',
  },
  issueDeviceKey: {
    ask: async (w) => {
      const { id } = await w.must(w.people.administrator.post<{ id: string }>('/devices', device(w)))
      return { params: { id } }
    },
    people: `not-found not-found ok ok ok ok ok ${none} ${none}`,
    audited: 'issue-key device',
  },
  revokeDeviceKey: {
    ask: async (w) => {
      const { id } = await w.must(w.people.administrator.post<{ id: string }>('/devices', device(w)))
      return { params: { id }, body: { reason: '失窃' } }
    },
    people: `not-found not-found ok ok ok ok ok ${none} ${none}`,
    audited: 'revoke-key device',
  },

  // providers
  providers: list(
    (w) => ({ query: { areaId: w.ids.street, limit: '200' }, thing: w.ids.provider }),
    `${unseenFar} seen seen ${none}`,
    '-', // firms, not people
  ),
  provider: {
    ask: (w) => ({ params: { id: w.ids.provider } }),
    people: `not-found not-found ok ok ok ok ok ok ${none}`,
    audited: '-',
  },
  createProvider: {
    ask: (w) => ({ body: provider(w) }),
    people: `${none} ${notMine} ${notMine} ${none} ${none} ${none} ok ok ${none}`,
    audited: 'create provider',
  },
  updateProvider: {
    ask: async (w) => {
      const { id, version } = await w.must(
        w.people.administrator.post<{ id: string; version: number }>('/providers', provider(w)),
      )
      return { params: { id }, body: { version, form: provider(w) } }
    },
    people: `${none} ${notMine} ${notMine} ${none} ${none} ${none} ok ok ${none}`,
    audited: 'change provider',
  },
  responders: list(
    (w) => ({ query: { areaId: w.ids.street, limit: '200' }, thing: w.ids.responder }),
    `${unseenFar} seen seen ${none}`,
    'look responder-list',
  ),
  responder: {
    ask: (w) => ({ params: { id: w.ids.responder } }),
    people: `not-found not-found ok ok ok ok ok ok ${none}`,
    audited: 'look responder',
  },
  createResponder: {
    ask: (w) => ({ body: responder(w) }),
    people: `${none} ${notMine} ${notMine} ${none} ${none} ${none} ok ok ${none}`,
    audited: 'create responder',
  },
  updateResponder: {
    ask: async (w) => {
      const { id, version } = await w.must(
        w.people.administrator.post<{ id: string; version: number }>('/responders', responder(w)),
      )
      return { params: { id }, body: { version, form: responder(w) } }
    },
    people: `${none} ${notMine} ${notMine} ${none} ${none} ${none} ok ok ${none}`,
    audited: 'change responder',
  },

  // alarms
  receiveAlarm: {
    ask: () => ({ body: { sequence: 900_000_000 + ++n, type: 'button' } }),
    keys: 'unknown-key ok ok unknown-key', // a kiosk is a device as well: its alarm opens an incident at its hall
    people: 'unknown-key '.repeat(9).trim(),
    audited: '-',
  },
  alarm: {
    ask: async (w) => ({ params: { id: (await w.owned()).alarmId } }),
    people: ofOwnerOrLeader,
    audited: 'look incident',
  },

  // incidents
  board: list(async (w) => ({ thing: await owned(w) }), `${unseenFar} seen ${none} ${none}`, '-'),
  incidents: list(async (w) => ({ thing: await owned(w) }), `${unseenFar} seen ${none} ${none}`, '-'),
  incident: {
    ask: async (w) => ({ params: { id: await owned(w) } }),
    people: ofOwnerOrLeader,
    audited: 'look incident',
  },
  timeline: {
    ask: async (w) => ({ params: { id: await owned(w) } }),
    people: ofOwnerOrLeader,
    audited: 'look incident',
  },
  answer: incident(async (w) => (await w.pressed()).incidentId, {}, ofArea),
  classify: incident(owned, { catalogueCode: 'fall-help', class: 2, answers: {} }),
  confirmDevice: {
    ask: async (w) => {
      const id = await owned(w)
      await w.db.query(`UPDATE device SET state = 'activated', activated_at = '2020-01-01' WHERE id = $1`, [
        w.pendant.id,
      ])
      return { params: { id }, body: { deviceId: w.pendant.id } }
    },
    people: ofOwner,
    audited: 'fact',
  },
  note: incident(owned, { text: '家属来电' }, ofArea),
  hold: incident(owned, { minutes: 5, reason: '等家属' }),
  resume: incident(async (w) => {
    const id = await owned(w)
    await w.must(w.people.owner.post(`/incidents/${id}/hold`, { minutes: 5, reason: '等家属' }))
    return id
  }),
  requeue: incident(owned),
  transfer: {
    ask: async (w) => {
      await w.must(w.people.colleague.available())
      return { params: { id: await owned(w) }, body: { operatorId: w.people.colleague.id } }
    },
    people: ofOwner,
    audited: 'fact',
  },
  withdrawTransfer: {
    ask: async (w) => {
      await w.must(w.people.colleague.available())
      const id = await owned(w)
      await w.must(w.people.owner.post(`/incidents/${id}/transfer`, { operatorId: w.people.colleague.id }))
      return { params: { id }, body: {} }
    },
    people: ofOwner,
    audited: 'fact',
  },
  tellFamily: {
    ask: async (w) => {
      await w.db.query('UPDATE resident SET family_consent = true')
      await w.db.query(`UPDATE contact SET relation = '女儿'`)
      return { params: { id: await owned(w) }, body: {} }
    },
    people: ofOwner,
    audited: 'fact',
  },
  takeOver: {
    ask: async (w) => ({ params: { id: await owned(w) }, body: { reason: '换人' } }),
    people: `not-found not-found ok ok own-already ok ${none} ${none} ${none}`,
    audited: 'fact',
  },
  resolve: incident((w) => w.classified()),
  extendWrapUp: incident((w) => w.resolved()),
  close: incident((w) => w.resolved(), { disposition: 'helped-by-phone', note: '' }),
  dismissLimit: {
    ask: async (w) => {
      const { incidentId } = await w.pressed()
      await w.db.query('UPDATE incident SET limit_open = true WHERE id = $1', [incidentId])
      return { params: { id: incidentId }, body: { reason: '已处理' } }
    },
    people: `${none} not-found not-found ${none} ${none} ok ${none} ${none} ${none}`,
    audited: 'fact',
  },
  outage: {
    ask: async (w) => ({ params: { id: await w.outage() } }),
    people: ofOwnerOrLeader,
    audited: 'look incident',
  },
  markOutage: {
    ask: async (w) => ({
      params: { id: await w.outage(), residentId: w.pendant.residentId },
      body: { result: 'reached' },
    }),
    people: ofOwnerOrLeader,
    audited: 'fact',
  },
  ledger: { ask: () => ({}), people: `ok ok ok ok ok ok ok ${none} ${none}`, audited: '-' },

  // calls
  calls: list(async (w) => ({ thing: (await w.talking()).callId }), `${unseenFar} ${none} ${none} ${none}`, '-'),
  invitations: list(
    async (w) => ({ thing: (await w.invited()).callId }),
    `unseen unseen unseen seen unseen unseen ${none} ${none} ${none}`,
    '-',
  ),
  callBacks: list(
    async (w) => {
      const { id, legId } = await w.ringing()
      await w.centre.phone.goes(legId)
      await w.centre.work()
      return { thing: id }
    },
    `${unseenFar} ${none} ${none} ${none}`,
    '-',
  ),
  incidentCalls: {
    ask: async (w) => ({ params: { id: (await w.talking()).id } }),
    people: ofOwnerOrLeader,
    audited: 'look incident',
  },
  answerCall: onCall((w) => w.talking(), ofOwner),
  holdCall: onCall((w) => w.talking(), ofOwner),
  resumeCall: onCall(async (w) => {
    const call = await w.talking()
    await w.must(w.people.owner.post(`/calls/${call.callId}/hold`))
    return call
  }, ofOwner),
  askByKeys: onCall((w) => w.talking(), ofOwner),
  hangUpCall: onCall((w) => w.talking(), ofOwner),
  superviseCall: {
    ask: async (w) => {
      await w.centre.phone.headset(w.people.supervisor.id)
      return { params: { id: (await w.talking()).callId }, body: { mode: 'listen' } }
    },
    people: `${none} not-found not-found ${none} ${none} ok ${none} ${none} ${none}`,
    audited: 'listen-call call',
  },
  commandUnit: onCall(
    (w) => w.throughUnit(),
    `not-found not-found not-talking not-talking ok not-talking ${none} ${none} ${none}`,
    () => ({ command: 'listen' }),
  ),
  joinCall: onCall(
    (w) => w.talking(),
    `not-found not-found not-talking not-talking ok not-talking ${none} ${none} ${none}`,
    (w) => ({
      to: { contactId: w.contact },
    }),
  ),
  acceptJoin: onCall(
    (w) => w.invited(),
    `not-found not-found no-headset ok invitation-over no-headset ${none} ${none} ${none}`,
  ),
  dropLeg: onCall(
    (w) => w.invited(),
    `not-found not-found not-owner ok ok not-owner ${none} ${none} ${none}`,
    (w) => ({
      legId: operatorLegId(w.people.colleague.id),
    }),
  ),
  handOver: onCall(
    (w) => w.invited(true),
    ofOwner,
    (w) => ({ operatorId: w.people.colleague.id }),
  ),
  callTexts: {
    ask: async (w) => ({ params: { id: (await w.writing()).callId } }),
    people: ofOwnerOrLeader,
    audited: 'look call',
  },
  writeText: {
    ask: async (w) => ({ params: { id: (await w.writing()).callId }, body: line() }),
    people: ofOwner,
    audited: '-',
  },
  callOut: {
    ask: async (w) => {
      await w.centre.phone.headset(w.people.owner.id)
      return { params: { id: await owned(w) }, body: { to: { resident: true } } }
    },
    people: ofOwner,
    audited: 'fact',
  },
  calledBack: {
    ask: async (w) => {
      const { id, legId } = await w.ringing()
      await w.centre.phone.goes(legId)
      await w.centre.work()
      await w.must(w.people.owner.post(`/incidents/${id}/answer`))
      return { params: { id }, body: { reason: '已回电' } }
    },
    people: ofOwner,
    audited: 'fact',
  },
  startLadder: incident(owned),
  rungFailed: incident(async (w) => {
    const id = await owned(w)
    await w.must(w.people.owner.post(`/incidents/${id}/no-response`))
    return id
  }),
  stopLadder: incident(
    async (w) => {
      const id = await owned(w)
      await w.must(w.people.owner.post(`/incidents/${id}/no-response`))
      return id
    },
    { reason: '联系上了' },
  ),
  candidates: {
    ask: async (w) => ({ params: { id: (await w.talking()).id } }),
    people: ofOwner,
    audited: 'candidates incident',
  },
  identify: {
    ask: async (w) => ({ params: { id: (await w.writing()).id }, body: { residentId: w.pendant.residentId } }),
    people: ofOwner,
    audited: 'fact',
  },
  newCaller: {
    ask: async (w) => ({
      params: { id: (await w.writing()).id },
      body: { name: '新来者', phone: null, areaId: w.ids.here, address: `新路${++n}号`, language: 'zh' },
    }),
    people: ofOwner,
    audited: 'create resident',
  },
  waveform: {
    ask: async (w) => ({ params: { id: (await w.recorded()).recordingId } }),
    people: ofOwnerOrLeader,
    audited: 'look recording',
  },
  recordingAudio: {
    ask: async (w) => ({ params: { id: (await w.recorded()).recordingId } }),
    people: ofOwnerOrLeader,
    audited: 'play-recording recording',
  },
  deleteRecording: {
    ask: async (w) => ({ params: { id: (await w.recorded()).recordingId }, body: { reason: '本人要求' } }),
    people: `${none} not-found not-found ${none} ${none} ok ${none} ${none} ${none}`,
    audited: 'delete-recording recording',
  },

  // prompts: what every caller of the district hears
  prompts: { ask: () => ({}), people: `${none} ok ok ${none} ${none} ${none} ok ${none} ${none}`, audited: '-' },
  uploadPrompt: {
    ask: () => ({ params: prompt, body: speech }),
    people: `${none} forbidden forbidden ${none} ${none} ${none} ok ${none} ${none}`,
    audited: 'upload-prompt prompt',
  },
  shippedPrompt: {
    ask: () => ({ params: prompt }),
    people: `${none} ok ok ${none} ${none} ${none} ok ${none} ${none}`,
    audited: '-',
  },
  promptAudio: {
    ask: async (w) => ({ params: { id: await uploaded(w) } }),
    people: `${none} ok ok ${none} ${none} ${none} ok ${none} ${none}`,
    audited: '-',
  },
  approvePrompt: {
    ask: async (w) => ({ params: prompt, body: { id: await uploaded(w) } }),
    people: `${none} forbidden forbidden ${none} ${none} ${none} ok ${none} ${none}`,
    audited: 'approve-prompt prompt',
  },
  resetPrompt: {
    ask: () => ({ params: prompt }),
    people: `${none} forbidden forbidden ${none} ${none} ${none} ok ${none} ${none}`,
    audited: 'reset-prompt prompt',
  },

  // the kiosk: its own conversations and nothing else
  kiosk: kiosk(() => ({})),
  kioskWrite: kiosk(() => ({ body: { ...line(), locale: 'zh-CN' } })),
  kioskCall: kiosk(async (w) => ({ params: { id: (await w.writing()).callId } })),
  kioskText: kiosk(async (w) => ({ params: { id: (await w.writing()).callId }, body: line() })),
  kioskEnd: kiosk(async (w) => ({ params: { id: (await w.writing()).callId } })),

  // queue
  offers: list(
    async (w) => {
      await w.must(w.people.owner.available())
      const { incidentId } = await w.pressed()
      await w.centre.work()
      return { thing: incidentId }
    },
    `unseen unseen unseen unseen seen unseen ${none} ${none} ${none}`,
    '-',
  ),
  declineOffer: {
    ask: async (w) => {
      await w.must(w.people.owner.available())
      await w.pressed()
      await w.centre.work()
      const [row] = await w.db.query<{ id: string }>('SELECT id FROM offer')
      return { params: { id: row?.id ?? unknownId } }
    },
    people: `not-found not-found not-found not-found ok not-found ${none} ${none} ${none}`,
    audited: '-',
  },
  setPresence: {
    ask: () => ({ body: { status: 'away' } }),
    people: `ok ok ok ok ok ok ${none} ${none} ${none}`,
    audited: '-',
  },
  presence: list((w) => ({ thing: w.people.both.id }), `seen seen seen seen seen seen seen ${none} ${none}`, '-'),
  wallboard: { ask: () => ({}), people: `ok ok ok ok ok ok ok ${none} ${none}`, audited: '-' },
  alerts: list(
    async (w) => {
      const { incidentId } = await w.pressed()
      await w.db.query('UPDATE incident SET limit_open = true WHERE id = $1', [incidentId])
      return { thing: incidentId }
    },
    `${none} unseen unseen ${none} ${none} seen ${none} ${none} ${none}`,
    '-',
  ),

  allHands: list(
    async (w) => ({ thing: await w.called() }),
    `unseen unseen seen seen seen seen ${none} ${none} ${none}`,
    '-',
  ),
  callAllHands: {
    ask: (w) => ({ body: { areaId: w.ids.street, text: '请全部上线' } }),
    people: `${none} not-found not-found ${none} ${none} ok ${none} ${none} ${none}`,
    audited: 'create all-hands',
  },
  seeAllHands: {
    ask: async (w) => ({ params: { id: await w.called() }, body: {} }),
    people: ofArea,
    audited: '-',
  },
  endAllHands: {
    ask: async (w) => ({ params: { id: await w.called() }, body: {} }),
    people: `${none} not-found not-found ${none} ${none} ok ${none} ${none} ${none}`,
    audited: 'change all-hands',
  },

  // dispatch
  helpers: {
    ask: async (w) => ({ params: { id: await w.classified() } }),
    people: ofArea,
    audited: 'look incident',
  },
  dispatch: {
    ask: async (w) => ({ params: { id: await w.classified() }, body: {} }),
    people: ofOwner,
    audited: 'fact',
  },
  standDown: {
    ask: async (w) => ({ params: { id: (await w.sent()).assignment }, body: {} }),
    people: ofOwnerOrLeader,
    audited: 'fact',
  },
  reportFor: {
    ask: async (w) => ({ params: { id: (await w.sent()).assignment }, body: { report: 'accept' } }),
    people: ofOwnerOrLeader,
    audited: 'fact',
  },
  responderPage: { ...link({}, accepted), audited: 'shown-to-responder household' },
  requestShown: link({}),
  acceptRequest: { ...link({}), audited: 'shown-to-responder household' },
  declineRequest: link({ reason: 'busy' }),
  onMyWay: { ...link({}, accepted), audited: 'shown-to-responder household' },
  onScene: { ...link({}, accepted), audited: 'shown-to-responder household' },
  done: { ...link({ note: '' }, onItsWay), audited: 'shown-to-responder household' },
  tellWhereabouts: link({ lat: 30.26, lon: 120.15, accuracyM: 12 }, onItsWay),
  handBack: link({ reason: 'busy' }, accepted),
  map: { ask: () => ({}), people: everybody, audited: '-' },
  followUps: list(
    async (w) => {
      const id = await w.closed()
      return { thing: id }
    },
    `${unseenFar} ${none} ${none} ${none}`,
    'look follow-up',
  ),
  completeFollowUp: {
    ask: async (w) => {
      await w.closed()
      const [row] = await w.db.query<{ id: string }>('SELECT id FROM follow_up')
      return { params: { id: row?.id ?? unknownId }, body: { result: 'satisfied' } }
    },
    people: ofArea,
    audited: 'fact',
  },
  undoFollowUp: {
    ask: async (w) => {
      await w.closed()
      const [row] = await w.db.query<{ id: string }>('SELECT id FROM follow_up')
      return { params: { id: row?.id ?? unknownId }, body: {} }
    },
    people: ofArea,
    audited: '-',
  },

  // test calls: each is a row of its own, with who took and who ended it
  campaigns: list(async (w) => ({ thing: await w.campaign() }), `${unseenFar} ${none} ${none} ${none}`, '-'),
  createCampaign: {
    ask: (w) => ({ body: { areaId: w.ids.here, reason: null, residentsMax: 5 } }),
    people: `${none} ${notMine} ${notMine} ${none} ${none} ok ${none} ${none} ${none}`,
    audited: '-',
  },
  stopCampaign: {
    ask: async (w) => ({ params: { id: await w.campaign() } }),
    people: `${none} not-found not-found ${none} ${none} ok ${none} ${none} ${none}`,
    audited: '-',
  },
  nextTestCall: {
    ask: async (w) => ({ params: { id: await w.campaign() } }),
    people: ofArea,
    audited: 'look resident',
  },
  testCall: {
    ask: async (w) => ({ params: { id: await w.testCall() } }),
    people: ofOwner,
    audited: 'look resident',
  },
  awaitPress: { ask: async (w) => ({ params: { id: await w.testCall() } }), people: ofOwner, audited: '-' },
  endTestCall: {
    ask: async (w) => ({ params: { id: await w.testCall() }, body: { result: 'no-answer' } }),
    people: ofOwner,
    audited: '-',
  },

  // demo: for this machine, and for who is signed in; these come from another machine
  demoDevices: { ask: () => ({}), people: everybody, audited: '-' },
  demoPhones: { ask: () => ({}), people: everybody, audited: '-' },
  demoMessages: { ask: () => ({}), people: everybody, audited: '-' },
  sendDemoMessage: {
    ask: () => ({ body: { from: '+8619900092081', text: '请帮我' } }),
    people: everybody,
    audited: '-',
  },
  demoResponders: { ask: () => ({}), people: everybody, audited: '-' },
  setDemoResponders: { ask: () => ({ body: { on: false } }), people: everybody, audited: '-' },
}
