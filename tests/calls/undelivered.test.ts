import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { takeVoiceEvent } from '../../server/calls/voice-events.ts'
import { createDelivery } from '../../telephony/switching/deliver.ts'
import { openPending } from '../../telephony/switching/pending.ts'
import { type Centre, startCentre } from '../support/centre.ts'

let centre: Centre
let dir: string
beforeEach(async () => {
  centre = await startCentre()
  dir = mkdtempSync(join(tmpdir(), 'yihu-undelivered-'))
})
afterEach(async () => {
  await centre.close()
  rmSync(dir, { recursive: true, force: true })
})

test('who called while there was no database is on the list of call-backs after a restart, once, though two processes tell of it', async () => {
  const log = { warn() {}, info() {} }
  const pending = () => openPending(dir, centre.parts.seal, log)
  const before = createDelivery(log, pending())
  before.onEvent(async () => {
    throw new Error('no database')
  })
  const ids = { callId: crypto.randomUUID(), legId: crypto.randomUUID() }
  const told = { ...ids, party: { kind: 'phone' as const, number: null }, at: centre.clock.now() }
  before.tell(ids.legId, { type: 'arrived', line: '12349', locale: 'zh-CN', ...told })
  before.tell(ids.legId, { type: 'leg-down', because: 'not-taken', ...told })
  before.stop()
  await before.settled()
  const next = [createDelivery(log, pending()), createDelivery(log, pending())]
  for (const one of next) one.onEvent((event) => takeVoiceEvent(centre.parts, event))
  await Promise.all(next.map((one) => one.settled()))
  expect(await centre.db.query('SELECT id, status, ended_because AS because FROM call')).toEqual([
    { id: ids.callId, status: 'ended', because: 'not-taken' },
  ])
  const ana = await centre.as('op01')
  expect((await ana.get<{ items: { callBack: string }[] }>('/call-backs')).body.items).toMatchObject([
    { callBack: 'not-taken' },
  ])
  expect(readdirSync(dir)).toEqual([])
})
