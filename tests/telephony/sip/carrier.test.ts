import { afterEach, beforeEach, expect, test } from 'vitest'
import { header, type ReceivedResponse } from '../../../telephony/sip/message.ts'
import type { SipPeer } from '../../../telephony/sip/settings.ts'
import { type RtpTelephone, rtpTelephone } from '../../support/rtp-telephone.ts'
import { startSipVoice } from './support/carrier.ts'
import { type Far, farUdp } from './support/far.ts'
import { said } from './support/messages.ts'

const trunk: SipPeer = { name: 'trunk', kind: 'trunk', from: ['127.0.0.2/32'] }
const wait = { timeout: 8_000, interval: 20 }
let voice: Awaited<ReturnType<typeof startSipVoice>>
let far: Far
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
