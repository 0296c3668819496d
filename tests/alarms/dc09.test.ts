import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { encrypt } from '../../telephony/alarm/dc09/crypt.ts'
import { writeTime } from '../../telephony/alarm/dc09/event.ts'
import { writeFrame } from '../../telephony/alarm/dc09/frame.ts'
import { type AlarmDoor, startAlarmDoor } from '../support/alarm-door.ts'

// DC-09 panels over real sockets of this machine, stored by the real intake.
let door: AlarmDoor
let centre: AlarmDoor['centre']
let deviceId: string
let issue: () => Promise<string>
let key: string
let ports: { tcp: number; udp: number }
beforeEach(async () => {
  door = await startAlarmDoor()
  centre = door.centre
  ports = { tcp: await door.listen('dc09', 'tcp'), udp: await door.listen('dc09', 'udp') }
  const device = await door.device('dc09', '1234')
  deviceId = device.id
  issue = device.issueKey
})
afterEach(async () => door.close())

/** Whatever comes back for these bytes over TCP, until the line closes or somebody has answered so often. */
async function panel(bytes: Buffer | string, answers = 1): Promise<string> {
  const socket = connect({ port: ports.tcp, host: '127.0.0.1' })
  await once(socket, 'connect')
  let back = ''
  socket.on('data', (data) => {
    back += data.toString('latin1')
    if (back.split('\r').length > answers) socket.end()
  })
  socket.on('error', () => {})
  socket.write(bytes)
  await once(socket, 'close')
  return back
}
const frame = (text: string) => writeFrame(text)
const incidents = () =>
  centre.db.query<{ class: number; kind: string; signals: number }>(
    `SELECT class, kind, signals FROM incident WHERE subject IN (SELECT coalesce('resident:' || resident_id, 'device:' || id) FROM device WHERE id = $1)`,
    [deviceId],
  )
const strangers = () =>
  centre.db.query<{ account: string; because: string; count: number }>('SELECT account, because, count FROM stranger')
const issueKey = async () => {
  key = await issue()
}
const encrypted = (sequence: string, data: string, secret = key, at = centre.clock.now()) =>
  frame(`"*ADM-CID"${sequence}L0#1234[${encrypt(`#1234|${data}]${writeTime(at)}`, secret)}`)

test('a press is acknowledged after it is stored; the same frame again, over the other path too, opens nothing', async () => {
  const press = '\n21440027"ADM-CID"0001L0#1234[#1234|1101 01 015]\r'
  expect(await panel(press)).toBe('\n1BC10012"ACK"0001L0#1234[]\r')
  const [alarm] = await centre.db.query('SELECT type, said, handling FROM alarm WHERE device_id = $1', [deviceId])
  expect(alarm).toEqual({ type: 'button', said: 'ADM-CID 1101 01 015', handling: 'opened' })
  expect(await panel(press)).toBe('\n1BC10012"ACK"0001L0#1234[]\r')
  const udp = createSocket('udp4')
  udp.send(Buffer.from(press, 'latin1'), ports.udp, '127.0.0.1')
  const [reply] = (await once(udp, 'message')) as [Buffer]
  udp.close()
  expect(reply.toString('latin1')).toBe('\n1BC10012"ACK"0001L0#1234[]\r')
  expect(await incidents()).toMatchObject([{ kind: 'button', signals: 1 }])
})

test('several in one packet and one in pieces are each answered, in order', async () => {
  const both = Buffer.concat([frame('"NULL"0003L0#1234[]'), frame('"ADM-CID"0004L0#1234[#1234|1101 01 015]')])
  expect(await panel(both, 2)).toBe(
    `${frame('"ACK"0003L0#1234[]').toString('latin1')}${frame('"ACK"0004L0#1234[]').toString('latin1')}`,
  )
})

test('a code that we do not know is an unknown signal of a known device, and somebody is rung', async () => {
  await panel(frame('"ADM-CID"0005L0#1234[#1234|1999 01 015]'))
  expect(await incidents()).toMatchObject([{ kind: 'unknown' }])
})

test('a sum that is wrong is not answered; garbage closes the line; neither changes anything', async () => {
  const wrong = panel('\n00000027"ADM-CID"0001L0#1234[#1234|1101 01 015]\rhello\rhello\rhello\r')
  expect(await wrong).toBe('')
  expect(await incidents()).toEqual([])
})

test('an account that nobody has is refused, and a person looks at it', async () => {
  for (let i = 0; i < 2; i++)
    expect(await panel(frame('"ADM-CID"0001L0#9999[#9999|1101 01 015]'))).toContain('"NAK"0000')
  expect(await strangers()).toEqual([{ account: '9999', because: 'unknown-account', count: 2 }])
})

test('a panel with a key: its frames count, clear text, another key and a replayed frame of yesterday do not', async () => {
  await issueKey()
  expect(await panel(encrypted('0021', '1101 00 007'))).toMatch(/"\*ACK"0021L0#1234\[[0-9A-F]+\r$/)
  expect(await incidents()).toHaveLength(1)
  expect(await panel(frame('"ADM-CID"0022L0#1234[#1234|1101 01 015]'))).toContain('"NAK"')
  expect(await panel(encrypted('0023', '1101 00 007', 'F'.repeat(32)))).toContain('"NAK"')
  expect(await strangers()).toEqual([{ account: '1234', because: 'wrong-secret', count: 2 }])
  const old = encrypted('0024', '1101 00 008', key, new Date(centre.clock.now().getTime() - 86_400_000))
  expect(await panel(old)).toContain('"NAK"')
  expect((await incidents())[0]?.signals).toBe(1)
})

/** A panel that keeps its connection; each word with its answer. */
async function connected() {
  const socket = connect({ port: ports.tcp, host: '127.0.0.1' })
  await once(socket, 'connect')
  const said = async (bytes: Buffer) => {
    socket.write(bytes)
    return ((await once(socket, 'data')) as [Buffer])[0].toString('latin1')
  }
  return { socket, said }
}

test('a key that is taken away while the panel is connected works no more', async () => {
  await issueKey()
  const { said, socket } = await connected()
  expect(await said(encrypted('0031', '1101 00 007'))).toContain('ACK')
  const stolen = key
  await issueKey()
  expect(await said(encrypted('0032', '1101 00 008', stolen))).toContain('"NAK"')
  expect(await said(encrypted('0033', '1101 00 009'))).toContain('ACK')
  socket.destroy()
})

test('a stolen key is revoked while connected: it is refused at once, in clear as well, and leaders see it; another key works', async () => {
  await issueKey()
  const { said, socket } = await connected()
  expect(await said(encrypted('0071', '1101 00 007'))).toContain('ACK')
  const admin = await centre.as('admin')
  const revoked = await admin.post<{ hasKey: boolean; revokedBecause: string; state: string }>(
    `/devices/${deviceId}/revoke`,
    { reason: '失窃' },
  )
  expect(revoked.body).toMatchObject({ hasKey: false, revokedBecause: '失窃', state: 'in-service' })
  const [kept] = await centre.db.query('SELECT key_hash, secret FROM device WHERE id = $1', [deviceId])
  expect(kept).toEqual({ key_hash: null, secret: null })
  expect(await said(encrypted('0072', '1101 00 008'))).toContain('"NAK"')
  expect(await said(frame('"ADM-CID"0073L0#1234[#1234|1101 01 015]'))).toContain('"NAK"')
  expect(await said(frame('"NULL"0074L0#1234[]'))).toContain('"NAK"')
  expect((await incidents())[0]?.signals).toBe(1)
  expect(await strangers()).toEqual([{ account: '1234', because: 'revoked', count: 3 }])
  await issueKey()
  expect(await said(encrypted('0075', '1101 00 009'))).toContain('ACK')
  socket.destroy()
})

test('a clock that stays two hours off costs nobody an alarm: told three times, then believed, and it is said', async () => {
  const off = new Date(centre.clock.now().getTime() - 7_200_000)
  const press = frame(`"ADM-CID"0041L0#1234[#1234|1101 01 015]${writeTime(off)}`)
  for (let i = 0; i < 3; i++) expect(await panel(press)).toContain('"NAK"0000R0L0A0[]_')
  expect(await incidents()).toEqual([])
  expect(await panel(press)).toContain('"ACK"0041')
  const [alarm] = await centre.db.query<{ notes: string[] }>('SELECT notes FROM alarm WHERE device_id = $1', [deviceId])
  expect(alarm?.notes).toContain('clock-adrift')
})

test('polls are kept in memory and written together; a restored line is a word in the open matter and opens none', async () => {
  await panel(frame('"ADM-CID"0051L0#1234[#1234|3301 00 000]'))
  expect(await incidents()).toEqual([])
  await panel(frame('"ADM-CID"0052L0#1234[#1234|1101 01 015]'))
  for (let i = 0; i < 2; i++) await panel(frame('"ADM-CID"0053L0#1234[#1234|3301 00 000]'))
  const facts = await centre.db.query(
    `SELECT data->>'note' AS note, data->>'type' AS type FROM fact WHERE type = 'device-noted'`,
  )
  expect(facts).toEqual([{ note: 'restored', type: 'mains' }])
  centre.clock.forward(60_000)
  await panel(frame('"NULL"0054L0#1234[]'))
  expect(await door.lastHeard(deviceId)).toEqual(centre.clock.now())
})

test('while the database does not take it, a press is not acknowledged, and is when it does', async () => {
  const press = frame('"ADM-CID"0061L0#1234[#1234|1101 01 015]')
  const again = await door.cannotStore()
  const socket = connect({ port: ports.tcp, host: '127.0.0.1' })
  await once(socket, 'connect')
  let back = ''
  socket.on('data', (data) => {
    back += data.toString('latin1')
  })
  socket.write(Buffer.concat([press, frame('"NULL"0062L0#1234[]')]))
  await expect.poll(() => back, { timeout: 5_000 }).toContain('0062')
  expect(back).not.toContain('0061')
  await again()
  socket.write(press)
  await expect.poll(() => back, { timeout: 5_000 }).toContain('"ACK"0061')
  socket.destroy()
})
