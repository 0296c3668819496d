import { listenForDevices } from '../telephony/alarm/protocols.ts'
import type { AlarmIn } from './contracts/alarms.ts'
import type { Parts } from './platform/parts.ts'
import { StartFault } from './platform/start-fault.ts'

/** Opens the ports of the alarm protocols that the environment names. */
export async function listenAsConfigured({ env, clock, log }: Parts, alarms: AlarmIn) {
  const wanted = env.dc09.map((at) => ({ protocol: 'dc09' as const, at }))
  try {
    return await listenForDevices({ alarms, now: () => clock.now(), log }, wanted)
  } catch (error) {
    throw new StartFault(
      `DC-09 cannot listen where DC09_LISTEN says: ${(error as Error).message}. Choose a free address and port of this machine.`,
    )
  }
}
