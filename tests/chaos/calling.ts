import { setTimeout as pause } from 'node:timers/promises'
import { io, type Socket } from 'socket.io-client'
import { browserLeg } from '../support/browser-leg.ts'

const answerMsMax = 6_000
const againMs = 300
const staysMs = { least: 1_500, most: 4_000 }

/** A call that the centre took: it is in the books by then, whatever happens to it. */
export type Taken = { callId: string; number: string }

/**
 * People who call by telephone, stay on the line for a while, and hang up; whoever is cut off calls again, from another number, so that
 * each call is a matter of its own.
 */
export function startCalling(url: string, people: number, firstNumber: number, random: () => number) {
  const taken: Taken[] = []
  let going = true
  let next = firstNumber
  let cutOff = 0

  async function call(): Promise<void> {
    const number = `+86${next++}`
    const socket = io(url, {
      path: '/realtime',
      transports: ['websocket'],
      auth: { phone: number },
      forceNew: true,
      reconnection: false,
    })
    const leg = await browserLeg(700)
    try {
      await within(
        new Promise<void>((resolve, reject) => {
          socket.once('connect', resolve)
          socket.once('connect_error', reject)
        }),
      )
      const asked = { sdp: leg.offer, locale: 'zh-CN', line: 'web' }
      const answer = (await within(socket.emitWithAck('voice.dial', asked))) as {
        sdp?: string
        callId?: string
        legId?: string
      }
      if (!answer.sdp || !answer.callId) return
      taken.push({ callId: answer.callId, number })
      await within(leg.accept(answer.sdp))
      const ended = new Promise<'cut off'>((resolve) => {
        socket.once('disconnect', () => resolve('cut off'))
        socket.on('voice.state', ({ state }: { state: string }) => state === 'ended' && resolve('cut off'))
      })
      const stays = pause(staysMs.least + random() * (staysMs.most - staysMs.least), 'hangs up' as const)
      if ((await Promise.race([ended, stays])) === 'cut off') cutOff += 1
      else await hangUp(socket, answer.legId)
    } finally {
      socket.disconnect()
      await leg.close()
    }
  }

  const all = Array.from({ length: people }, async () => {
    while (going) {
      await call().catch(() => {}) // no line: they try again
      await pause(againMs)
    }
  })
  return {
    taken,
    cutOff: () => cutOff,
    async end(): Promise<void> {
      going = false
      await Promise.all(all)
    },
  }
}

const within = <T>(work: Promise<T>): Promise<T> =>
  Promise.race([
    work,
    pause(answerMsMax, undefined, { ref: false }).then(() => Promise.reject(new Error('no answer'))),
  ]) as Promise<T>

const hangUp = (socket: Socket, legId: string | undefined) =>
  within(socket.emitWithAck('voice.hang-up', { legId })).catch(() => {})
