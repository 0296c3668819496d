import { monotonicMs, wait } from './figures.ts'
import type { Rig } from './media-rig.ts'

/** Both legs are up, as an operator's is all day; from `bridge` to the first frame of the other at the peer, both ways. */
export async function acceptToAudio(rig: Rig, times: number): Promise<number[]> {
  const pair = [await rig.open('caller'), await rig.open('operator')] as const
  await wait(1_000)
  const took: number[] = []
  for (let i = 0; i < times; i++) {
    const listen = (id: string, hz: number) => rig.peers.ask<number>({ do: 'listen', id, hz })
    const heard = [listen(pair[0], rig.tones.operator), listen(pair[1], rig.tones.caller)]
    await wait(20 + Math.random() * 20) // the ears are open, at any moment of the tick
    const since = monotonicMs()
    await rig.command({ do: 'bridge', roomId: 'accept', legIds: [...pair] })
    const came = await Promise.race([Promise.all(heard), wait(5_000)])
    if (!came) rig.faults.push('no audio within 5 s')
    else took.push(...came.map((at) => at - since))
    await rig.command({ do: 'bridge', roomId: 'accept', legIds: [] })
    await wait(100) // until the last of the tone has gone by
  }
  await rig.close([...pair])
  return took
}
