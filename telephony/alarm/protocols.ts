import { listenCoap } from './coap/listen.ts'
import { listenDc09 } from './dc09/listen.ts'
import type { ListenAt, Listening, ProtocolParts } from './listening.ts'
import { listenMqtt } from './mqtt/listen.ts'

/**
 * The protocols that listen on ports of their own, by their name in the vocabulary. A new one is a folder here and a row in this
 * table: it reads frames, decides purely what they say, hands that to `alarms`, and answers the device when that has resolved.
 */
const listeners = { dc09: listenDc09, mqtt: listenMqtt, coap: listenCoap } satisfies Record<
  string,
  (parts: ProtocolParts, at: ListenAt) => Promise<Listening>
>
export type ListeningProtocol = keyof typeof listeners

/** Opens what is configured; ends with what it returns. */
export async function listenForDevices(
  parts: ProtocolParts,
  wanted: { protocol: ListeningProtocol; at: ListenAt }[],
): Promise<{ ports: number[]; stop(): Promise<void> }> {
  const open: Listening[] = []
  const stop = async () => void (await Promise.all(open.map((one) => one.stop())))
  try {
    for (const { protocol, at } of wanted) open.push(await listeners[protocol](parts, at))
  } catch (error) {
    await stop()
    throw error
  }
  return { ports: open.map((one) => one.port), stop }
}
