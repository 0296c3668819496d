import { afterEach, beforeEach, expect, test } from 'vitest'
import { headers, type ReceivedRequest } from '../../../telephony/sip/message/message.ts'
import { startSipVoice } from './support/carrier.ts'
import { farUdp } from './support/far.ts'
import { said, sdp } from './support/messages.ts'

// Two trunks that reach the same numbers. Neither says from where it may come: we know them by where we call them.
const number = '+8613800138000'
const wait = { timeout: 8_000, interval: 20 }
type Far = Awaited<ReturnType<typeof farUdp>>
let one: Far
let two: Far
let voice: Awaited<ReturnType<typeof startSipVoice>>

beforeEach(async () => {
  one = await farUdp(0, '127.0.0.2')
  two = await farUdp(0, '127.0.0.3')
  const trunk = (name: string, { address, port }: Far) => ({
    name,
    kind: 'trunk' as const,
    from: [],
    at: { host: address, port, transport: 'udp' as const },
  })
  voice = await startSipVoice({ peers: [trunk('one', one), trunk('two', two)] })
  for (const far of [one, two]) {
    far.aim(voice.port)
    far.answer(await far.request('OPTIONS'), 200)
  }
  await expect.poll(() => voice.running.voice.reaches({ phone: number }), wait).toBe(true)
})
afterEach(async () => {
  await voice.stop()
  one.close()
  two.close()
})

const place = () => voice.running.voice.place({ callId: 'c', legId: 'l', to: { phone: number } })
const contact = (far: Far) => ({
  headers: [['contact', `<sip:far@${far.address}:${far.port}>`]] as [string, string][],
})
const refused = async (far: Far, status: number): Promise<ReceivedRequest> => {
  const invite = await far.request('INVITE')
  far.answer(invite, status)
  return invite
}

test('a trunk that has no line free leaves the call to the next; the same leg rings there and is answered', async () => {
  expect(await place()).toBe('ringing')
  await refused(one, 503)
  const invite = await two.request('INVITE')
  two.answer(invite, 180, contact(two))
  two.answer(invite, 200, { ...contact(two), sdp })
  await two.request('ACK')
  expect(voice.told('leg-down')).toEqual([])
  await voice.running.voice.hangUp('l', 'hung-up')
  await two.request('BYE')
})

test('a number abroad is reached by no trunk', async () => {
  const to = { phone: '+4930123456' }
  expect(await voice.running.voice.reaches(to)).toBe(false)
  expect(await voice.running.voice.place({ callId: 'c', legId: 'l', to })).toBe('unreachable')
})

test('when neither takes it, the leg is refused once', async () => {
  await place()
  await refused(one, 503)
  await refused(two, 500)
  await expect.poll(() => voice.told('leg-down'), wait).toMatchObject([{ legId: 'l', because: 'refused' }])
})

test('whoever was rung and is busy, or let it ring, is not rung again by the other trunk', async () => {
  await place()
  await refused(one, 486)
  await expect.poll(() => voice.told('leg-down'), wait).toMatchObject([{ because: 'declined' }])
  await voice.running.voice.place({ callId: 'd', legId: 'm', to: { phone: number } })
  const invite = await one.request('INVITE')
  one.answer(invite, 180, contact(one))
  await expect.poll(() => voice.running.voice.legState('m'), wait).toBe('there')
  one.answer(invite, 503)
  await expect.poll(() => voice.told('leg-down').length, wait).toBe(2)
  expect(two.heard.filter((message) => message.kind === 'request' && message.method === 'INVITE')).toEqual([])
})

test('given up while the first says no, the second is not asked', async () => {
  await place()
  const invite = await one.request('INVITE')
  one.answer(invite, 100)
  await voice.running.voice.hangUp('l', 'no-answer')
  const cancel = await one.request('CANCEL')
  one.answer(cancel, 200)
  one.answer(invite, 503)
  await expect.poll(() => voice.told('leg-down').length, wait).toBe(1)
  expect(two.heard.some((message) => message.kind === 'request' && message.method === 'INVITE')).toBe(false)
})

test('it brings calls from where we call it, and somebody elsewhere is not answered', async () => {
  const stranger = await farUdp(voice.port, '127.0.0.4')
  const call = (far: Far, id: string) =>
    far.say(
      said({
        callId: id,
        branch: `z9hG4bK${id}`,
        more: [`Contact: <sip:far@${far.address}:${far.port}>`, 'Content-Type: application/sdp'],
        body: sdp,
      }),
    )
  call(stranger, 'strange')
  call(one, 'known')
  const ok = await one.next(200)
  expect(headers(ok, 'contact')).toHaveLength(1)
  expect(stranger.heard).toEqual([])
  stranger.close()
})
