import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromMuLaw, toMuLaw } from '../../telephony/media/g711.ts'
import { rtpTelephone } from '../support/rtp-telephone.ts'
import { power, tone } from '../support/tones.ts'
import { wav } from '../support/wav.ts'
import { monotonicMs, wait } from './figures.ts'
import type { Rig } from './media-rig.ts'

const promptHz = 600
const heardMsMax = 2_000

/** From the order to play a prompt until its first packet is at a SIP telephone, ms, so many times. */
export async function promptToEar(rig: Rig, times: number): Promise<number[]> {
  const dir = mkdtempSync(join(tmpdir(), 'yihu-prompt-'))
  const file = join(dir, 'prompt.wav')
  writeFileSync(file, wav({ format: 7, bits: 8, data: toMuLaw(tone(promptHz, 400)) }))
  const telephone = await rtpTelephone({ hz: 1_000 })
  const legId = `prompt-${monotonicMs()}`
  telephone.follow(await rig.command({ do: 'open-rtp', legId, sdp: telephone.offer() }))
  telephone.talk()
  while (telephone.heard.length === 0) await wait(20)
  const took: number[] = []
  for (let i = 0; i < times; i++) {
    await wait(5 * Math.random() + 40) // wherever in the tick
    const heard = new Promise<number>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the prompt was not heard')), heardMsMax)
      telephone.socket.on('message', function listen(data: Buffer) {
        if (power(fromMuLaw(data.subarray(12)), promptHz) < 0.5) return
        clearTimeout(timer)
        telephone.socket.off('message', listen)
        resolve(monotonicMs())
      })
    })
    const since = monotonicMs()
    await rig.command({ do: 'play', legId, files: [file], token: `prompt-${i}`, after: 'silence' })
    took.push((await heard) - since)
    await rig.command({ do: 'play', legId, files: [], token: `quiet-${i}`, after: 'silence' })
  }
  await rig.close([legId])
  await telephone.close()
  rmSync(dir, { recursive: true })
  return took
}
