import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { folder } from '../telephony/sip/support/binary.ts'
import { freePort, listening } from './ports.ts'

/** A Mosquitto broker of this test (Debian: mosquitto), open to everybody on this machine. */
export async function mosquitto() {
  const port = await freePort()
  const file = join(folder('mosquitto'), 'mosquitto.conf')
  writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\nuser root\n`)
  const child = spawn('mosquitto', ['-c', file], {
    stdio: 'ignore',
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
  })
  const gone = new Promise<void>((done) => child.once('exit', () => done()))
  await listening(port)
  return {
    url: `mqtt://127.0.0.1:${port}`,
    async stop(): Promise<void> {
      child.kill()
      await gone
    },
  }
}
