import type { RTCPeerConnection } from 'werift'
import type { IceServer } from '../../server/contracts/voice.ts'
import type { MediaSettings } from '../media/protocol.ts'

export type Gathering = {
  /** Whom to ask for our own addresses; nobody, while they do not answer. */
  iceServers(): IceServer[]
  /** Answers the offer that the connection was given, with the candidates in it. */
  answer(pc: RTCPeerConnection): Promise<string>
}

// What has been found until then is answered: the browser is waiting, and our host addresses are there at once.
const gatherMsMax = 1_500
// werift waits five seconds for a STUN server that is silent and connects only then. Behind a dead line that would be
// every call; so it is one call in five minutes.
const leftOutMs = 5 * 60_000

export function createGathering({ iceServers, portRange }: MediaSettings): Gathering {
  let leftOutUntil = 0
  let before: Promise<unknown> = Promise.resolve()

  /** werift finds a free port of a range by trying; two legs that try at once may find the same one. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (portRange === null) return work()
    const mine = before.then(work)
    before = mine.catch(() => {})
    return mine
  }

  async function gather(pc: RTCPeerConnection): Promise<string> {
    const found: string[] = []
    pc.onIceCandidate.subscribe((candidate) => {
      if (candidate?.candidate) found.push(`a=${candidate.candidate}`)
    })
    const local = await pc.createAnswer()
    const whole = await atMost(gatherMsMax, pc.setLocalDescription(local))
    const sdp = pc.localDescription?.sdp ?? ''
    if (whole) return sdp
    if (iceServers.length > 0) leftOutUntil = Date.now() + leftOutMs
    return sdp.includes('a=candidate:') ? sdp : `${sdp.trimEnd()}\r\n${found.join('\r\n')}\r\n`
  }

  return {
    iceServers: () => (Date.now() < leftOutUntil ? [] : iceServers),
    answer: (pc) => inTurn(() => gather(pc)),
  }
}

/** Whether the work was done in time; it goes on in any case. */
function atMost(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false)
  })
  return Promise.race([work.then(() => true), limit]).finally(() => clearTimeout(timer))
}
