import type { UnitCommand } from '../contracts/calls.ts'
import type { Voice } from '../contracts/voice.ts'
import { changeIncident } from '../incidents/change.ts'
import { actorOf } from '../incidents/model.ts'
import type { Caller } from '../platform/caller.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal, refuse } from '../platform/refusal.ts'
import { changeCall } from './change.ts'
import { type CallAnswer, scopeOf } from './commands.ts'
import { atHost } from './hosts.ts'
import { isTalking } from './machine.ts'
import { legsOf } from './store.ts'
import { keyOf, type Quirks, unitPressMs } from './unit-keys.ts'

type Pressed = Awaited<ReturnType<Voice['press']>>

/**
 * The operator who talks with an alarm unit tells it what to do. The key goes out first, and what was told stands in the
 * timeline: to listen into a home without being heard is not done unseen.
 */
export async function commandUnit(parts: Parts, caller: Caller, callId: string, command: UnitCommand): CallAnswer {
  let unit: { deviceId: string; legId: string; quirks: Quirks } | undefined
  const call = await changeCall(parts, {
    callId,
    inScope: scopeOf(caller),
    decide: async (now, _incident, tx) => {
      if (now.operatorId !== caller.id || !isTalking(now)) return refuse('not-talking', 'First talk with the unit.')
      const [device] = await tx.query<{ quirks: Quirks }>(
        `SELECT coalesce(t.quirks, '{}') AS quirks FROM device d LEFT JOIN device_type t ON t.code = d.type_code
         WHERE d.id = $1 AND d.protocol = 'scaip'`,
        [now.deviceId],
      )
      const leg = (await legsOf(tx, callId)).find((one) => one.side === 'caller' && one.status === 'up')
      if (!device || !leg || !now.deviceId) return refuse('no-unit', 'This is no alarm unit that can be told.')
      unit = { deviceId: now.deviceId, legId: leg.legId, quirks: device.quirks }
      return null
    },
  })
  if (isRefusal(call) || !unit) return call
  const { deviceId, legId, quirks } = unit
  const keys = keyOf(command, quirks)
  const pressed = await atHost<Pressed>(parts, callId, { do: 'press', legId, keys, pressMs: unitPressMs })
  if (pressed !== 'pressed') return refuse('no-keys', 'The unit takes no keys on this line.')
  const told = await changeIncident(parts, {
    id: call.incidentId,
    decide: () => ({
      facts: [
        {
          at: parts.clock.now(),
          actor: actorOf.operator(caller.id),
          type: 'unit-commanded',
          data: { callId, deviceId, command },
        },
      ],
    }),
  })
  return isRefusal(told) ? told : call
}
