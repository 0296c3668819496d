import { beforeEach, expect, test, vi } from 'vitest'

type Listener = (...said: unknown[]) => void
const listeners = new Map<string, Listener>()
const emitted: string[] = []
const opened = {
  active: true,
  connects: 0,
  io: { on() {} },
  on: (name: string, tell: Listener) => listeners.set(name, tell),
  onAny() {},
  emit: (name: string) => emitted.push(name),
  connect: () => void opened.connects++,
  close() {},
}
vi.mock('socket.io-client', () => ({ io: () => opened }))
vi.useFakeTimers()
const { connect, disconnect, onSessionDoubt } = await import('../../console/lib/socket.ts')

const hear = (name: string, ...said: unknown[]) => listeners.get(name)?.(...said)
beforeEach(() => {
  emitted.length = 0
  opened.connects = 0
  disconnect()
  connect()
})

test('a console beats every 15 s even when the browser lets no timer of its tab run', () => {
  hear('connect')
  for (let second = 2; second <= 60; second += 2) {
    vi.setSystemTime(Date.now() + 2_000) // time passes, and no timer of the page is let run
    hear('pulse', { serverTime: new Date().toISOString() })
  }
  expect(emitted.length).toBeGreaterThanOrEqual(4)
  expect(emitted.length).toBeLessThanOrEqual(5)
})

test('a connection that the server ended is tried again, and somebody asks whether the session still holds', () => {
  let doubts = 0
  onSessionDoubt(() => doubts++)
  hear('disconnect', 'transport close') // the network: socket.io comes back by itself
  vi.advanceTimersByTime(5_000)
  expect([doubts, opened.connects]).toEqual([0, 0])
  hear('disconnect', 'io server disconnect')
  vi.advanceTimersByTime(5_000)
  expect([doubts, opened.connects]).toEqual([1, 1])
})
