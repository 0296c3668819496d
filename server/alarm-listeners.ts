import { readFileSync } from 'node:fs'
import { subscribeMqtt } from '../telephony/alarm/mqtt/subscribe.ts'
import { type ListeningProtocol, listenForDevices } from '../telephony/alarm/protocols.ts'
import type { AlarmIn } from './contracts/alarms.ts'
import { alone } from './platform/alone.ts'
import type { Parts } from './platform/parts.ts'
import type { WaysIn } from './platform/ways-in.ts'

/** Opens the ports of the alarm protocols, and listens at the broker that the environment names. */
export async function listenAsConfigured({ env, db, clock, log }: Parts, alarms: AlarmIn, ways: WaysIn) {
  const tls = env.mqttTls && { cert: readFileSync(env.mqttTls.certFile), key: readFileSync(env.mqttTls.keyFile) }
  const given = { alarms, now: () => clock.now(), log, tls }
  const stops: (() => Promise<void>)[] = []
  for (const protocol of Object.keys(env.alarmPorts) as ListeningProtocol[])
    await ways.open(protocol, env.alarmPorts[protocol], async (places) => {
      const wanted = places.map((at) => ({ protocol, at }))
      stops.push((await listenForDevices(given, wanted)).stop)
    })
  const { mqttBroker } = env
  if (mqttBroker) stops.push(alone(db, 'mqtt', () => subscribeMqtt(given, mqttBroker), log))
  return async () => void (await Promise.all(stops.map((stop) => stop())))
}
