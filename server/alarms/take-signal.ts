import { ourWords } from '../contracts/alarms.ts'
import { faultTypes, hearAgain, keepFault } from '../devices/faults.ts'
import { pressedForReal, pressesInTest } from '../devices/test-presses.ts'
import { type GroupCommit, groupCommit } from '../platform/group-commit.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal } from '../platform/refusal.ts'
import { type AlarmIntake, notesOn, type Signal, sentAgainAfter } from './open-from-alarm.ts'

type Answer = Awaited<ReturnType<AlarmIntake['receive']>>

/**
 * A signal as devices send it, before and after the intake: a fault that is told and not over is stored and opens nothing a second time, and a
 * device in test that is pressed again and again makes a person ask. A press of somebody in need goes straight through.
 */
export async function takeSignal(parts: Parts, intake: AlarmIntake, signal: Signal): Promise<Answer> {
  if (faultTypes.includes(signal.type)) return faultLine(parts, intake).submit(signal)
  const answer = await intake.receive(signal)
  return isRefusal(answer) || !answer.receipt.notes.includes('in-test')
    ? answer
    : askInTest(parts, intake, signal, answer)
}

// When the mains of a district fail, its devices say so at once: they take turns, and leave the database to those who press.
const faultsAtOnce = 4
const faultsWaitingMax = 20_000
const lines = new WeakMap<AlarmIntake, GroupCommit<Signal, Answer>>()

function faultLine(parts: Parts, intake: AlarmIntake): GroupCommit<Signal, Answer> {
  const there = lines.get(intake)
  if (there) return there
  const limits = { batchMax: 1, lanes: faultsAtOnce, waitingMax: faultsWaitingMax }
  const line = groupCommit<Signal, Answer>(
    (signals) => Promise.all(signals.map((signal) => takeFault(parts, intake, signal))),
    limits,
  )
  lines.set(intake, line)
  return line
}

async function takeFault(parts: Parts, intake: AlarmIntake, signal: Signal): Promise<Answer> {
  const notes = [...notesOn(signal, signal.receivedAt), ...(signal.warnings ?? []), 'known-fault' as const]
  const known = await hearAgain(parts, {
    ...signal,
    said: signal.said ?? '',
    part: signal.part ?? '',
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
  if (incidentId) await keepFault(parts, { alarmId, incidentId, type: signal.type, part: signal.part ?? '', again })
  return answer
}

type Stored = Exclude<Answer, { refused: string }>

async function askInTest(parts: Parts, intake: AlarmIntake, signal: Signal, answer: Stored): Promise<Answer> {
  const { deviceId, presses } = await pressesInTest(parts, answer.receipt.alarmId)
  const [last] = presses
  if (!last || !pressedForReal(presses)) return answer
  const asked = await intake.receive({
    deviceId,
    type: signal.type,
    // Below zero: of ours. Each such press has its own number, and told twice it is the same.
    sequence: -last.getTime(),
    receivedAt: parts.clock.now(),
    pressedAt: undefined,
    battery: undefined,
    position: signal.position,
    warnings: ['pressed-in-test'],
    said: ourWords('pressed-in-test'),
  })
  if (isRefusal(asked)) return answer
  return { ...answer, receipt: { ...answer.receipt, incidentId: asked.receipt.incidentId } }
}
