import type { AlarmReceipt } from '../../server/contracts/alarms.ts'

export type Acknowledged = {
  deviceId: string
  sequence: number
  type: string
  alarmId: string
  incidentId: string | null
}
export type Notes = ReturnType<typeof takeNotes>

/** What people saw, from outside: the checks hold the database to it. */
export function takeNotes() {
  const acknowledged = new Map<string, Acknowledged>()
  const refusals = new Map<string, number>()
  const faults: string[] = []
  return {
    presses: 0,
    signals: 0,
    /** Sent again because the answer was lost. */
    sentAgain: 0,
    requests: 0,
    heardByPush: 0,
    heardByAsking: 0,
    breaks: 0,
    gone: 0,
    ledgerAsked: 0,
    breaches: 0,
    breachedIds: new Set<string>(),
    acknowledged,
    refusals,
    /** What must never be seen. */
    faults,
    /** A device has its receipt. One that was sent again must get the same ids as the first time. */
    acknowledge(signal: { deviceId: string; sequence: number; type: string }, receipt: AlarmReceipt): void {
      const key = `${signal.deviceId}:${signal.sequence}`
      const { alarmId, incidentId } = receipt
      const before = acknowledged.get(key)
      if (before && (before.alarmId !== alarmId || before.incidentId !== incidentId))
        faults.push(`alarm ${alarmId} was acknowledged before as ${before.alarmId}`)
      acknowledged.set(key, { ...signal, alarmId, incidentId })
    },
    /** An ordinary no, counted by who asked for what and why not. */
    refused(what: string, code: string): void {
      const key = `${what}: ${code}`
      refusals.set(key, (refusals.get(key) ?? 0) + 1)
    },
  }
}
