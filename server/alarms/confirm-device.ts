import { audit } from '../access/audit.ts'
import { changeIncident } from '../incidents/change.ts'
import type { Target } from '../incidents/commands.ts'
import { confirmDevice as decide } from '../incidents/machine.ts'
import type { Stored } from '../incidents/store.ts'
import type { Caller } from '../platform/caller.ts'
import type { Parts } from '../platform/parts.ts'
import type { Refusal } from '../platform/refusal.ts'

/** The last step of an installation, in one transaction: said in the timeline, and the device is in service with a good test. */
export function confirmDevice(
  parts: Parts,
  caller: Caller,
  target: Target,
  deviceId: string,
): Promise<Stored | Refusal> {
  const now = parts.clock.now()
  return changeIncident(parts, {
    ...target,
    inScope: (path) => caller.may('handle-incident', path),
    decide: async (incident, tx) => {
      const [device] = await tx.query<{ state: string; pressed: boolean }>(
        `SELECT state, EXISTS (SELECT 1 FROM alarm WHERE alarm.device_id = device.id AND incident_id = $2 AND received_at >= activated_at) AS pressed
         FROM device WHERE id = $1 FOR UPDATE`,
        [deviceId, incident.id],
      )
      const pressed = device?.pressed ?? false
      return decide(incident, { operatorId: caller.id, now, deviceId, state: device?.state, pressed })
    },
    also: async (tx, { facts }) => {
      if (facts.length === 0) return
      await tx.query(
        `UPDATE device SET state = 'in-service', last_good_test_at = $2, version = version + 1 WHERE id = $1`,
        [deviceId, now],
      )
      await audit(
        { db: tx, clock: parts.clock },
        {
          accountId: caller.id,
          action: 'change',
          subjectKind: 'device',
          subjectId: deviceId,
          reason: 'confirmed by voice',
        },
      )
    },
  })
}
