import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { keepConnections } from '../../../telephony/alarm/connections.ts'

/** A socket as far as its being open goes. */
function socket(name: string, gone: string[]) {
  const one = Object.assign(new EventEmitter(), {
    destroy: () => {
      gone.push(name)
      one.emit('close')
    },
  })
  return one as unknown as Socket
}

test('who opens one connection after the other takes the place of strangers, never of a panel that is ours', () => {
  const gone: string[] = []
  const connections = keepConnections({ connectionsMax: 100, strangersMax: 3 })
  const panel = socket('panel', gone)
  connections.took(panel)
  connections.isOurs(panel)
  for (let n = 0; n < 6; n++) connections.took(socket(`stranger ${n}`, gone))
  expect(gone).toEqual(['stranger 0', 'stranger 1', 'stranger 2'])
})

test('beyond what the listener holds the strangers go first', () => {
  const gone: string[] = []
  const connections = keepConnections({ connectionsMax: 3, strangersMax: 3 })
  for (const name of ['a', 'b']) {
    const panel = socket(name, gone)
    connections.took(panel)
    connections.isOurs(panel)
  }
  for (const name of ['s1', 's2']) connections.took(socket(name, gone))
  expect(gone).toEqual(['s1'])
})
