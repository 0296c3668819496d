import { alarmIn } from '../../server/alarms/alarm-in.ts'
import { keepHeard } from '../../server/devices/heard.ts'
import type { ListenAt } from '../../telephony/alarm/listening.ts'
import { type ListeningProtocol, listenForDevices } from '../../telephony/alarm/protocols.ts'
import { type Centre, startCentre } from './centre.ts'

/** A centre and the way in of alarm devices into it, as the product has it; ports are opened as the test asks. */
export async function startAlarmDoor() {
  const centre: Centre = await startCentre()
  const heard = keepHeard(centre.parts)
  const alarms = alarmIn(centre.parts, centre.intake, heard)
  const parts = { alarms, now: () => centre.clock.now(), log: { warn: () => {}, info: () => {} } }
  const stops: (() => Promise<void>)[] = []
  return {
    centre,
    alarms,
    parts,
    heard,
    async listen(protocol: ListeningProtocol, transport: ListenAt['transport'], more: object = {}): Promise<number> {
      const at = { transport, host: '127.0.0.1', port: 0 }
      const open = await listenForDevices({ ...parts, ...more }, [{ protocol, at }])
      stops.push(open.stop)
      return open.ports[0] as number
    },
    /** A pendant in service of some resident, spoken to by this protocol; with the key that an installer got for it. */
    async device(protocol: string, account: string, change: { kind?: string; gatewayId?: string } = {}) {
      const [row] = await centre.db.query<{ id: string }>(
        `UPDATE device SET protocol = $1, account = $2, kind = $3, gateway_id = $4, key_hash = NULL,
           resident_id = CASE WHEN $3 = 'gateway' THEN NULL ELSE resident_id END
         WHERE id = (SELECT id FROM device WHERE state = 'in-service' AND kind = 'pendant' AND protocol = 'http' ORDER BY id LIMIT 1) RETURNING id`,
        [protocol, account, change.kind ?? 'pendant', change.gatewayId ?? null],
      )
      const id = row?.id as string
      const issueKey = async () =>
        (await (await centre.as('admin')).post<{ key: string }>(`/devices/${id}/key`)).body.key
      return { id, account, issueKey }
    },
    incidents: () =>
      centre.db.query<{ kind: string; signals: number }>('SELECT kind, signals FROM incident ORDER BY opened_at, id'),
    strangers: () =>
      centre.db.query<{ account: string; because: string }>(
        'SELECT account, because FROM stranger ORDER BY account, because',
      ),
    async lastHeard(id: string): Promise<Date | null> {
      await heard.flush()
      const [row] = await centre.db.query<{ at: Date | null }>('SELECT last_heard_at AS at FROM device WHERE id = $1', [
        id,
      ])
      return row?.at ?? null
    },
    /** What comes now cannot be stored, until what comes back has run. */
    async cannotStore() {
      await centre.db.query('ALTER TABLE alarm RENAME TO away')
      return () => centre.db.query('ALTER TABLE away RENAME TO alarm')
    },
    async close(): Promise<void> {
      for (const stop of stops.reverse()) await stop()
      await heard.stop()
      await centre.close()
    },
    onClose: (stop: () => Promise<void>) => void stops.push(stop),
  }
}
export type AlarmDoor = Awaited<ReturnType<typeof startAlarmDoor>>
