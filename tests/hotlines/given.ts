import { randomUUID } from 'node:crypto'
import { takeVoiceEvent } from '../../server/calls/voice-events.ts'
import type { CallView } from '../../server/contracts/calls.ts'
import type { HotlineForm, OpeningHours } from '../../server/contracts/hotlines.ts'
import { load } from '../../server/incidents/store.ts'
import type { Centre } from '../support/centre.ts'

export const number = '+8613812345678'
export const outside = '+8657188000000'
/** Open in the middle of the night of Shanghai alone, when no test runs. */
export const closed: OpeningHours = {
  week: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: '03:00', to: '04:00' })),
  dates: [],
}

/** A listed number of ours, and what happens on it. */
export async function listed(
  centre: Centre,
  { hours, overflowNumber, menu }: Partial<Pick<HotlineForm, 'hours' | 'menu'>> & { overflowNumber?: string } = {},
) {
  const admin = await centre.as('admin')
  const [area] = await centre.db.query<{ id: string }>(`SELECT id FROM area WHERE level = 'district'`)
  const form = { number: '80001234', name: '北街热线', nameEn: 'North street', locale: 'zh-CN', active: true }
  await admin.post('/hotlines', { ...form, areaId: area?.id, hours, overflowNumber, menu })
  const { phone, clock } = centre
  const take = (event: object) => takeVoiceEvent(centre.parts, { at: clock.now(), ...event } as never)
  return {
    /** Somebody dials it and hears the greeting to its end. */
    async dial(from: string | null = number) {
      const ids = { callId: randomUUID(), legId: randomUUID() }
      const party = { kind: 'phone' as const, number: from }
      await take({ type: 'arrived', ...ids, party, line: '80001234', locale: 'zh-CN' })
      await take({ type: 'leg-up', ...ids, party })
      await phone.heardGreeting(ids.callId, ids.legId)
      await centre.work()
      const [row] = await centre.db.query<{ id: string }>('SELECT incident_id AS id FROM call WHERE id = $1', [
        ids.callId,
      ])
      return { ...ids, incident: row?.id as string }
    },
    async key(legId: string, pressed: string) {
      clock.forward(1_000)
      await phone.say({ type: 'dtmf', legId, key: pressed })
      await centre.work()
      await centre.mediaDone()
    },
    /** What they hear is over, and with it the tone. */
    async heardOut(legId: string) {
      await phone.say({ type: 'played', legId, token: phone.playing.get(legId)?.token as string })
      await centre.work()
      await centre.mediaDone()
    },
    heard: (legId: string) => phone.playing.get(legId)?.prompts,
    async call(callId: string) {
      const [row] = await centre.db.query<Pick<CallView, 'status' | 'aside' | 'endedBecause'>>(
        'SELECT status, aside, ended_because AS "endedBecause" FROM call WHERE id = $1',
        [callId],
      )
      return row
    },
    incident: async (id: string) => {
      const found = await load(centre.db, id)
      if (!found) throw new Error('no such incident')
      return found
    },
    facts: async (id: string) =>
      (await centre.db.query<{ type: string }>('SELECT type FROM fact WHERE incident_id = $1 ORDER BY seq', [id])).map(
        ({ type }) => type,
      ),
    recorded: (recordingId: string, durationMs: number) =>
      take({ type: 'recorded', recordingId, durationMs, bytes: durationMs * 16 }),
  }
}
export type Line = Awaited<ReturnType<typeof listed>>
