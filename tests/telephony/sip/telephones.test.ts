import { afterEach, expect, test } from 'vitest'
import type { SipPeer } from '../../../telephony/sip/settings.ts'
import { startBaresip } from './support/baresip.ts'
import { folder, has, makeCertificate } from './support/binary.ts'
import { type Edge, startEdge } from './support/edge.ts'
import { startLinphone } from './support/linphone.ts'
import { sdp } from './support/messages.ts'

const cwd = folder('telephones')
const tls = has('openssl') ? makeCertificate(cwd) : undefined
const number = '+8657187654321'
const alice: SipPeer = { name: 'alice', kind: 'telephone', from: [], user: 'alice', password: 'secret', number }
const answer = `${sdp}a=rtpmap:0 PCMU/8000\r\na=ptime:20\r\n`
let edge: Edge
let stop: (() => Promise<string>) | undefined
let output = ''

afterEach(async ({ task }) => {
  output = (await stop?.()) ?? ''
  await edge.endpoint.stop()
  if (task.result?.state === 'fail') console.log(output.slice(-6_000))
})

const peers = { baresip: startBaresip, linphonec: startLinphone }

for (const [binary, start] of Object.entries(peers))
  for (const transport of ['udp', 'tcp', 'tls'] as const)
    test.skipIf(!has(binary) || (transport === 'tls' && !tls))(
      `${binary} registers, calls, is hung up on, is called and hangs up over ${transport}`,
      async () => {
        edge = await startEdge({
          peers: [alice],
          listen: ['udp', 'tcp', ...(tls ? ['tls' as const] : [])],
          tls,
          answer: false,
        })
        // A certificate is for a name, and linphone takes none for an address; baresip asks DNS, which knows no localhost.
        const host = binary === 'linphonec' && transport === 'tls' ? 'localhost' : '127.0.0.1'
        const server = `${host}:${edge.port(transport)}`
        const phone = await start({ cwd, name: 'alice', server, transport, ca: tls?.caFile })
        stop = phone.stop
        await expect.poll(() => edge.endpoint.reaches(number), { timeout: 15_000 }).toBe(true)

        phone.tell('dial', `sip:12349@${server}${transport === 'udp' ? '' : `;transport=${transport}`}`)
        await expect.poll(() => edge.calls.length, { timeout: 10_000 }).toBe(1)
        const call = edge.calls[0]
        expect(call).toMatchObject({ called: '12349', caller: { number, verified: true } })
        expect(call?.sdp).toMatch(/m=audio \d+ \S+ .*\b0\b/)
        call?.ring()
        call?.answer(answer)
        // The ACK has come when the answer is not sent again.
        await expect.poll(() => edge.endpoint.stats().dialogs).toBe(1)
        call?.hangUp()
        expect(edge.ends).toEqual([['hung-up', undefined]])
        await expect.poll(() => edge.endpoint.stats().dialogs, { timeout: 5_000 }).toBe(0)

        const out = edge.endpoint.invite({ number, sdp: answer })
        const ends: string[] = []
        out?.onEnd((because) => ends.push(because))
        const theirs = await new Promise<string>((done) => out?.onAnswered(done))
        expect(theirs).toMatch(/m=audio [1-9]/)
        await expect.poll(() => edge.endpoint.stats().dialogs).toBe(1)
        phone.tell('hangup')
        await expect.poll(() => ends, { timeout: 10_000 }).toEqual(['hung-up'])
        expect(edge.endpoint.stats().dialogs).toBe(0)
      },
    )
