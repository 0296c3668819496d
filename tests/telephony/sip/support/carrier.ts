import { createServer } from 'node:http'
import { join } from 'node:path'
import { Server } from 'socket.io'
import type { VoiceEvent } from '../../../../server/contracts/voice.ts'
import { type SipCarrier, startSipCarrier } from '../../../../telephony/sip/carrier.ts'
import type { SipPeer } from '../../../../telephony/sip/settings.ts'
import { type RunningVoice, startVoice } from '../../../../telephony/switching/voice.ts'

/** Telephony as a media host has it, its media process included, with SIP on a free port; only the server is the test's. */
export async function startSipVoice(what: {
  peers: SipPeer[]
  legsMax?: number
  publicAddress?: string
  sip?: object
}) {
  const events: VoiceEvent[] = []
  const here = {
    events,
    /** What the server does with an event before it counts as handled. */
    stores: async (_: VoiceEvent): Promise<void> => {},
    told: <T extends VoiceEvent['type']>(type: T) =>
      events.filter((event): event is Extract<VoiceEvent, { type: T }> => event.type === type),
    running: undefined as unknown as RunningVoice,
    carrier: undefined as unknown as SipCarrier,
    port: 0,
    stop: async () => {},
  }
  const http = createServer()
  const io = new Server(http, { path: '/realtime' })
  here.running = startVoice({
    entry: [join(import.meta.dirname, '../../../../telephony/media-process/main.ts'), '--import', 'tsx'],
    hostId: 'here',
    io,
    settings: { legsMax: what.legsMax ?? 8, iceServers: [], publicAddresses: [], portRange: null },
    promptFile: (key) => `/nowhere/${key}.wav`,
    mayRing: (number) => number.startsWith('+86'),
    recordingTarget: (id) => ({ file: `/nowhere/${id}`, keyHex: '22'.repeat(32) }),
    now: () => new Date(),
    log: { warn: () => {}, info: () => {} },
  })
  here.running.onEvent(async (event) => {
    await here.stores(event)
    events.push(event)
  })
  here.carrier = await startSipCarrier(
    here.running.carrierParts,
    {
      listen: [{ transport: 'udp', host: '127.0.0.1', port: 0 }],
      realm: 'yihu.test',
      peers: what.peers,
      ...(what.publicAddress && { publicAddress: what.publicAddress }),
    },
    { onMessage: async () => ({ status: 405 }), ...what.sip },
  )
  here.running.plug(here.carrier)
  here.port = here.carrier.addresses[0]?.port ?? 0
  here.stop = async () => {
    await here.running.stop()
    await io.close()
  }
  await here.running.started
  return here
}
