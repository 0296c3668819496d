import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { header, type ReceivedResponse } from '../../../telephony/sip/message/message.ts'
import type { SipPeer } from '../../../telephony/sip/settings.ts'
import { type RtpTelephone, rtpTelephone } from '../../support/rtp-telephone.ts'
import { startSipVoice } from './support/carrier.ts'
import { farUdp } from './support/far.ts'
import { said } from './support/messages.ts'

const trunk: SipPeer = { name: 'trunk', kind: 'trunk', from: ['127.0.0.2/32'] }
const wait = { timeout: 8_000, interval: 20 }
let voice: Awaited<ReturnType<typeof startSipVoice>>
let far: Awaited<ReturnType<typeof farUdp>>
let sound: RtpTelephone

beforeEach(async () => {
  voice = await startSipVoice({ peers: [trunk] })
  far = await farUdp(voice.port)
  sound = await rtpTelephone({ hz: 440, address: '127.0.0.2' })
})
afterEach(async () => {
  await voice.stop()
  far.close()
  await sound.close()
})

/** They dial the hotline and talk. */
async function dialled(): Promise<ReceivedResponse> {
  dial()
  const ok = (await far.next(200)) as ReceivedResponse
  far.say(said({ method: 'ACK', to: header(ok, 'to') ?? '', branch: 'z9hG4bKack' }))
  sound.follow(ok.body.toString())
  sound.talk()
  await expect.poll(() => voice.told('leg-up').length, wait).toBe(1)
  return ok
}
const dial = () =>
  far.say(
    said({
      more: [`Contact: <sip:trunk@127.0.0.2:${far.port}>`, 'Content-Type: application/sdp'],
      body: sound.offer(),
    }),
  )

test('when the process stops, whoever talks is hung up on and is called back', async () => {
  await dialled()
  await voice.running.stop()
  expect((await far.request('BYE')).callId).toBe('call-1@trunk')
  expect(voice.told('leg-down')).toMatchObject([{ because: 'media-lost' }])
})

test('when the process stops while a call is being stored, the trunk finds another way, and who called is called back', async () => {
  let commit = () => {}
  voice.stores = (event) =>
    event.type === 'arrived' ? new Promise<void>((done) => (commit = done)) : Promise.resolve()
  dial()
  await far.next(100)
  await expect.poll(() => voice.running.stats()?.legs, wait).toBe(1)
  const stopped = voice.running.stop()
  const refused = (await far.next(503)) as ReceivedResponse
  expect(header(refused, 'retry-after')).toBe('5')
  commit()
  await stopped
  expect(voice.events[0]?.type).toBe('arrived')
  expect(voice.told('leg-down')).toMatchObject([{ because: 'media-lost' }])
})

test('a call that cannot be stored is refused so that the trunk finds another way, and they are called back', async () => {
  let faults = 1
  voice.stores = async () => {
    if (faults-- > 0) throw new Error('no database')
  }
  dial()
  const refused = (await far.next(503)) as ReceivedResponse
  expect(header(refused, 'retry-after')).toBe('5')
  await expect.poll(() => voice.told('leg-down').length, wait).toBe(1)
  expect(voice.events).toMatchObject([{ type: 'arrived' }, { type: 'leg-down', because: 'not-taken' }])
  expect(voice.told('leg-down')[0]?.callId).toBe(voice.told('arrived')[0]?.callId)
  await expect.poll(() => voice.running.stats()?.legs, wait).toBe(0)
})

test('a call for which there is no place is refused so that the trunk finds another way, and they are called back', async () => {
  const { carrierParts } = voice.running
  for (let n = 0; n < 7; n++)
    await carrierParts.media.command({ do: 'expect-stream', legId: `taken-${n}`, token: `${n}` })
  await expect.poll(() => voice.running.stats()?.legs, wait).toBe(7)
  dial()
  expect(header((await far.next(503)) as ReceivedResponse, 'retry-after')).toBe('5')
  await expect.poll(() => voice.told('leg-down'), wait).toMatchObject([{ because: 'not-taken' }])
})

test('a call that is not answered yet when the media process dies is refused so that the trunk finds another way', async () => {
  let commit = () => {}
  voice.stores = (event) =>
    event.type === 'arrived' ? new Promise<void>((done) => (commit = done)) : Promise.resolve()
  dial()
  await expect.poll(() => voice.running.stats()?.legs, wait).toBe(1)
  process.kill(voice.running.pid() as number, 'SIGKILL')
  await far.next(503)
  commit()
  await expect.poll(() => voice.told('leg-down'), wait).toMatchObject([{ because: 'media-lost' }])
})

test('an offer that cannot be had here is refused for good, and nobody is called back for it', async () => {
  far.say(said({ more: [`Contact: <sip:trunk@127.0.0.2:${far.port}>`, 'Content-Type: application/sdp'], body: 'v=0' }))
  await far.next(488)
  expect(voice.events).toEqual([])
})

describe('a call out', () => {
  const order = { callId: 'out', legId: 'out-1', to: { phone: '+8657112345678' } }
  /** Their trunk answers our look at it, so that numbers can be rung by it. */
  async function reached(): Promise<void> {
    await voice.stop()
    const at = { host: '127.0.0.2', port: far.port, transport: 'udp' as const }
    voice = await startSipVoice({ peers: [{ ...trunk, at }] })
    far.aim(voice.port)
    far.answer(await far.request('OPTIONS'), 200)
    await expect.poll(() => voice.running.voice.reaches(order.to), wait).toBe(true)
  }

  test('that is given up in the moment in which it is placed rings for nobody', async () => {
    await reached()
    const { place, hangUp } = voice.running.voice
    const placed = place(order)
    await hangUp(order.legId, 'hung-up')
    expect(await placed).toBe('unreachable')
    expect(far.heard.some((one) => one.kind === 'request' && one.method === 'INVITE')).toBe(false)
    expect(voice.running.voice.legState(order.legId)).toBe('gone')
  })

  test('whose media cannot be had leaves nothing behind', async () => {
    await reached()
    const pid = voice.running.pid() as number
    process.kill(pid, 'SIGSTOP')
    const placed = voice.running.voice.place(order)
    await expect.poll(() => voice.running.voice.legState(order.legId)).toBe('there')
    const stopped = voice.running.carrierParts.media.stop()
    process.kill(pid, 'SIGKILL')
    await stopped
    expect(await placed).toBe('overloaded')
    expect(voice.running.voice.legState(order.legId)).toBe('gone')
  })
})
