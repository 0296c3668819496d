import { faultTypes, hearAgain, keepFault } from '../devices/faults.ts'
import { pressedForReal, pressesInTest } from '../devices/test-presses.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal } from '../platform/refusal.ts'
import { type AlarmIntake, notesOn, type Signal, sentAgainAfter } from './open-from-alarm.ts'

type Answer = Awaited<ReturnType<AlarmIntake['receive']>>

/**
 * A signal as devices send it, before and after the intake: a fault that is told and not over is stored and opens nothing a second time, and a
 * device in test that is pressed again and again makes a person ask. A press of somebody in need goes straight through.
 */
export async function takeSignal(parts: Parts, intake: AlarmIntake, signal: Signal): Promise<Answer> {
  if (faultTypes.includes(signal.type)) return takeFault(parts, intake, signal)
  const answer = await intake.receive(signal)
  return isRefusal(answer) || !answer.receipt.notes.includes('in-test')
    ? answer
    : askInTest(parts, intake, signal, answer)
}

async function takeFault(parts: Parts, intake: AlarmIntake, signal: Signal): Promise<Answer> {
  const notes = [...notesOn(signal, signal.receivedAt), ...(signal.oddities ?? []), 'known-fault' as const]
  const known = await hearAgain(parts, {
    ...signal,
    said: signal.said ?? '',
    pressedAt: signal.pressedAt,
    battery: signal.battery,
    notes,
    againAfter: sentAgainAfter(signal, parts.clock.now()),
  }).catch((error: { code?: string }) => {
    // The same signal came by another way at the same moment; the intake finds it there.
    if (error.code !== '23505' && error.code !== '40P01') throw error
  })
  if (known) {
    parts.metrics.alarms.inc({ handling: 'attached' })
    return { receipt: { ...known, duplicate: false, notes }, created: true }
  }
  const answer = await intake.receive(signal)
  if (isRefusal(answer)) return answer
  const { alarmId, incidentId, duplicate: again } = answer.receipt
  // Should this be lost, the device is not answered and says it again: the same number finds the same matter.
  if (incidentId) await keepFault(parts, { alarmId, incidentId, type: signal.type, again })
  return answer
}

type Stored = Exclude<Answer, { refused: string }>

async function askInTest(parts: Parts, intake: AlarmIntake, signal: Signal, answer: Stored): Promise<Answer> {
  const { deviceId, presses } = await pressesInTest(parts, answer.receipt.alarmId)
  const [last] = presses
  if (!last || !pressedForReal(presses)) return answer
  const asked = await intake.receive({
    deviceId,
    type: 'button',
    // Below zero: of ours. Each such press has its own number, and told twice it is the same.
    sequence: -last.getTime(),
    receivedAt: parts.clock.now(),
    pressedAt: undefined,
    battery: undefined,
    position: signal.position,
    oddities: ['pressed-in-test'],
    said: 'in test, and pressed again and again: ask whether it is still a test',
  })
  if (isRefusal(asked)) return answer
  return { ...answer, receipt: { ...answer.receipt, incidentId: asked.receipt.incidentId } }
}
