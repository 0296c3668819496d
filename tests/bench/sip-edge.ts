/** The SIP edge alone in a process of its own, for sip.ts: every call is answered, every message taken. Says its port. */
import { startSipEndpoint } from '../../telephony/sip/endpoint.ts'
import { sdp } from '../telephony/sip/support/messages.ts'

const endpoint = await startSipEndpoint({
  settings: {
    listen: [{ transport: 'udp', host: '127.0.0.1', port: 0 }],
    realm: 'bench',
    peers: [{ name: 'sipp', kind: 'trunk', from: ['127.0.0.2/32'] }],
  },
  log: { info() {}, warn: (what, message) => console.error(message, what) },
  now: () => new Date(),
  onInvite: (call) => call.answer(sdp),
  onMessage: async () => ({ status: 200 }),
})
console.log(endpoint.addresses[0]?.port)
