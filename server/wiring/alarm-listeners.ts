import { readFileSync } from 'node:fs'
import { subscribeMqtt } from '../../telephony/alarm/mqtt/subscribe.ts'
import { type ListeningProtocol, listenForDevices } from '../../telephony/alarm/protocols.ts'
import type { AlarmIn } from '../contracts/alarms.ts'
import { asLeader } from '../platform/leader-lock.ts'
import type { Parts } from '../platform/parts.ts'
import type { WaysIn } from '../platform/ways-in.ts'

/** Opens the ports of the alarm protocols, and listens at the broker that the environment names. */
export async function listenAsConfigured({ env, db, clock, log }: Parts, alarms: AlarmIn, ways: WaysIn) {
  const given = { alarms, now: () => clock.now(), log }
  const { mqttTls } = env
  const stops: (() => Promise<void>)[] = []
  for (const protocol of Object.keys(env.alarmPorts) as ListeningProtocol[])
    await ways.open(protocol, env.alarmPorts[protocol], async (places) => {
      const tls = mqttTls && { cert: readFileSync(mqttTls.certFile), key: readFileSync(mqttTls.keyFile) }
      const wanted = places.map((at) => ({ protocol, at }))
      stops.push((await listenForDevices({ ...given, tls }, wanted)).stop)
    })
  const { mqttBroker } = env
  if (mqttBroker) stops.push(asLeader(db, 'mqtt', () => subscribeMqtt(given, mqttBroker), log))
  return async () => void (await Promise.all(stops.map((stop) => stop())))
}
