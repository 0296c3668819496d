import { io, type Socket } from 'socket.io-client'
import type { VoiceRing, VoiceState } from '../../server/contracts/voice.ts'
import { type BrowserLeg, browserLeg } from './browser-leg.ts'

export type Reply = { refused?: string; ok?: true; callId?: string; legId?: string; sdp?: string }

export type WebTelephone = {
  socket: Socket
  states: VoiceState[]
  rings: VoiceRing[]
  /** Any event, as it is; the acknowledgement comes back. */
  say(name: string, ...given: unknown[]): Promise<Reply>
  /** An event with an offer in it; the answer is taken. */
  offer(name: string, more: object, hz: number): Promise<{ reply: Reply; browser: BrowserLeg }>
  close(): Promise<void>
}

/** A web telephone as a person has it open: a socket that says who it is, and a browser's leg once it calls. */
export async function webTelephone(url: string, auth: Record<string, string>): Promise<WebTelephone> {
  const socket = io(url, { path: '/realtime', auth, transports: ['websocket'], reconnection: false })
  const states: VoiceState[] = []
  const rings: VoiceRing[] = []
  const browsers: BrowserLeg[] = []
  socket.on('voice.state', (state: VoiceState) => states.push(state))
  socket.on('voice.ring', (ring: VoiceRing) => rings.push(ring))
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
  const say = (name: string, ...given: unknown[]): Promise<Reply> => socket.timeout(15_000).emitWithAck(name, ...given)
  return {
    socket,
    states,
    rings,
    say,
    async offer(name, more, hz) {
      const browser = await browserLeg(hz)
      browsers.push(browser)
      const reply = await say(name, { ...more, sdp: browser.offer })
      if (reply.sdp) await browser.accept(reply.sdp)
      return { reply, browser }
    },
    async close() {
      socket.disconnect()
      await Promise.all(browsers.map((browser) => browser.close()))
    },
  }
}
