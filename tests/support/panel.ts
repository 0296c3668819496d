import { once } from 'node:events'
import { connect } from 'node:net'
import { writeFrame } from '../../telephony/alarm/dc09/frame.ts'

/** The line of a DC-09 panel, or of a gateway that speaks for many, over TCP. Its answers come in the order of what it says. */
export async function openPanel(port: number) {
  const socket = connect({ port, host: '127.0.0.1' })
  const waiting: ((frame: string) => void)[] = []
  let rest = ''
  socket.on('data', (data) => {
    const frames = (rest + data.toString('latin1')).split('\r')
    rest = frames.pop() ?? ''
    for (const frame of frames) waiting.shift()?.(frame)
  })
  socket.on('error', () => {})
  await once(socket, 'connect')
  let sequence = 0
  const say = (token: string, account: string, data = '[]'): Promise<string> =>
    new Promise((answer) => {
      sequence = (sequence % 9_999) + 1
      waiting.push(answer)
      socket.write(writeFrame(`"${token}"${String(sequence).padStart(4, '0')}L0#${account}${data}`))
    })
  return {
    /** "I am there." */
    poll: (account: string) => say('NULL', account),
    /** Somebody has pressed: a medical alarm of Contact ID. */
    press: (account: string) => say('ADM-CID', account, `[#${account}|1101 01 015]`),
    cut: () => socket.destroy(),
  }
}
