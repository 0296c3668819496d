import { describe, expect, test, vi } from 'vitest'
import { leftAfter, ordinary, talking } from '../../console/kiosk/quiet.ts'
import { type Line, makeTalk, type Wire } from '../../console/kiosk/talk.ts'
import { voiceWord } from '../../console/kiosk/voice-state.ts'
import { ApiError } from '../../console/lib/api.ts'
import type { PhoneState } from '../../console/lib/caller-phone.ts'
import type { KioskCall } from '../../server/contracts/kiosk.ts'

const fault = (code: string) => new ApiError({ type: 'about:blank', title: code, status: 409, code })

/** A centre that stores each clientId once; `lose` drops its answers, `refuse` says no. */
function centre() {
  const stored = new Map<string, string>()
  const told: string[] = []
  let status: KioskCall['status'] = 'queued'
  let no: string | undefined
  let lost = false
  const call = (): KioskCall => ({
    id: 'call-1',
    status,
    medium: 'text',
    position: 2,
    texts: [...stored.values()].map((text, i) => ({ n: i + 1, side: 'caller', text, at: '2026-11-24T10:00:00Z' })),
  })
  const answer = async () => {
    if (no) throw fault(no)
    if (lost) throw fault('no-connection')
    return call()
  }
  const write = (said: string) => async (line: Line) => {
    told.push(`${said} ${line.text}`)
    if (!no) stored.set(line.clientId, line.text)
    return answer()
  }
  const wire: Wire = {
    begin: write('begin'),
    write: (_, line) => write('write')(line),
    look: () => answer(),
    end: async () => {
      told.push('end')
      return answer()
    },
  }
  return {
    wire,
    told,
    stored,
    status: (next: KioskCall['status']) => {
      status = next
    },
    refuse: (code: string | undefined) => {
      no = code
    },
    lose: (next: boolean) => {
      lost = next
    },
  }
}
const numbered = () => {
  let n = 0
  return () => `line-${++n}`
}
const settled = () => vi.waitFor(() => Promise.resolve())

describe('writing at the kiosk', () => {
  test('the first line begins the conversation, the next go into it, in their order', async () => {
    const there = centre()
    const talk = makeTalk(there.wire, numbered())
    talk.send('我听不见')
    talk.send('请帮我交水费')
    await vi.waitFor(() => expect(talk.state().unsent).toEqual([]))
    expect(there.told).toEqual(['begin 我听不见', 'write 请帮我交水费'])
    expect(talk.state()).toMatchObject({ stage: 'waiting', position: 2, id: 'call-1', offline: false })
  })
  test('a line whose answer was lost is sent again and stored once', async () => {
    const there = centre()
    const talk = makeTalk(there.wire, numbered())
    there.lose(true)
    talk.send('我听不见')
    await vi.waitFor(() => expect(talk.state().offline).toBe(true))
    expect(talk.state().unsent).toHaveLength(1)
    talk.send('还在吗')
    there.lose(false)
    await vi.waitFor(async () => {
      await talk.tick()
      expect(talk.state()).toMatchObject({ offline: false, unsent: [], stage: 'waiting' })
    })
    expect([...there.stored.values()]).toEqual(['我听不见', '还在吗'])
    expect(there.told.filter((one) => one.startsWith('begin')).length).toBeGreaterThan(1)
  })
  test('what could not be sent before the end is still there to be written again', async () => {
    const there = centre()
    const talk = makeTalk(there.wire, numbered())
    talk.send('您好')
    await vi.waitFor(() => expect(talk.state().stage).toBe('waiting'))
    there.refuse('call-over')
    talk.send('我还有一件事')
    await vi.waitFor(() => expect(talk.state().stage).toBe('ended'))
    expect(talk.state().unsent.map((line) => line.text)).toEqual(['我还有一件事'])
    there.told.length = 0
    await talk.tick()
    expect(there.told).toEqual([])
  })
  test('a line that cannot be stored comes back into the field, and does not block the next', async () => {
    const there = centre()
    const talk = makeTalk(there.wire, numbered())
    there.refuse('invalid')
    talk.send('\u0000')
    await vi.waitFor(() => expect(talk.state().refused).toBe('\u0000'))
    talk.takenBack()
    there.refuse(undefined)
    talk.send('您好')
    await vi.waitFor(() => expect(talk.state()).toMatchObject({ stage: 'waiting', unsent: [], refused: undefined }))
  })
  test('spaces alone are no line, and looking before the first one asks nobody', async () => {
    const there = centre()
    const talk = makeTalk(there.wire, numbered())
    talk.send('   ')
    await talk.tick()
    await settled()
    expect([there.told, talk.state().unsent]).toEqual([[], []])
  })
  test('who leaves ends the conversation, tries a few times, and sends nothing more', async () => {
    const there = centre()
    const talk = makeTalk(there.wire, numbered())
    talk.send('您好')
    await vi.waitFor(() => expect(talk.state().id).toBe('call-1'))
    there.lose(true)
    await talk.leave()
    expect(there.told.filter((one) => one === 'end')).toHaveLength(3)
    there.lose(false)
    talk.send('不应送出')
    await talk.tick()
    expect([...there.stored.values()]).toEqual(['您好'])
  })
})

describe('silence at the kiosk', () => {
  test('after forty seconds somebody is asked, after a minute the screen is the next person’s', () => {
    expect([0, 39_999, 40_000, 59_001, 60_000, 90_000].map((ms) => leftAfter(ms, ordinary))).toEqual([
      undefined,
      undefined,
      20,
      1,
      0,
      0,
    ])
  })
  test('in a conversation one is asked after two minutes, and has thirty seconds', () => {
    expect([119_999, 120_000, 149_001, 150_000].map((ms) => leftAfter(ms, talking))).toEqual([undefined, 30, 1, 0])
  })
})

describe('what somebody on the telephone is told', () => {
  const up: PhoneState = { status: 'up', legId: 'l', callId: 'c', lost: false }
  const call = (status: KioskCall['status']): KioskCall => ({
    id: 'c',
    status,
    medium: 'voice',
    position: 3,
    texts: [],
  })
  test('from dialling to the end', () => {
    expect(voiceWord({ status: 'connecting' }, undefined, false)).toBe('connecting')
    expect(voiceWord(up, undefined, false)).toBe('connecting')
    for (const status of ['offered', 'queued', 'ringing'] as const)
      expect(voiceWord(up, call(status), false)).toBe('waiting')
    expect(voiceWord(up, call('answered'), false)).toBe('talking')
    expect(voiceWord(up, call('held'), false)).toBe('held')
    expect(voiceWord({ ...up, lost: true }, call('answered'), false)).toBe('again')
    expect(voiceWord({ status: 'idle', ended: 'hung-up' }, undefined, false)).toBe('ended')
    expect(voiceWord({ status: 'idle', ended: 'media-lost' }, undefined, false)).toBe('lost')
  })
  test('who was called back waits in no queue', () => {
    expect(voiceWord(up, call('ringing'), true)).toBe('connecting')
    expect(voiceWord(up, call('answered'), true)).toBe('talking')
  })
  test('without a microphone one is offered to write, whatever is wrong with it', () => {
    for (const fault of ['denied', 'no-microphone', 'in-use', 'insecure', 'unsupported'])
      expect(voiceWord({ status: 'idle', fault }, undefined, false)).toBe('no-microphone')
    expect(voiceWord({ status: 'idle', fault: 'too-many-requests' }, undefined, false)).toBe('too-often')
    expect(voiceWord({ status: 'idle', fault: 'outage' }, undefined, false)).toBe('not-now')
  })
})
