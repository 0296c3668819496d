import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { freePort, listening } from '../../../support/ports.ts'
import { tone } from '../../../support/tones.ts'
import { pcmWav } from '../../../support/wav.ts'
import { run } from './binary.ts'

/** A real telephone without a screen: it registers, answers by itself, and does what it is told on its control socket. */
export async function startBaresip(what: {
  cwd: string
  name: string
  password?: string
  server: string
  transport: string
  ca?: string
  /** What it says, Hz, and how long it may run. */
  hz?: number
  ms?: number
}) {
  const { cwd, name, server, transport, ca, hz = 440, ms = 28_000 } = what
  const home = join(cwd, `baresip-${name}-${transport}`)
  mkdirSync(home, { recursive: true })
  const control = await freePort()
  const config = [
    'sip_listen 127.0.0.3:0',
    ...(ca ? [`sip_cafile ${ca}`] : []),
    'net_interface 127.0.0.1',
    'module_path /usr/lib/baresip/modules',
    ...['account', 'g711', 'aufile', 'sndfile', 'srtp'].map((one) => `module ${one}.so`),
    `audio_source aufile,${join(home, 'tone.wav')}`,
    `audio_player aufile,${join(home, 'heard.wav')}`,
    `snd_path ${home}`,
    'module_app menu.so',
    'module_app ctrl_tcp.so',
    `ctrl_tcp_listen 127.0.0.1:${control}`,
  ]
  writeFileSync(join(home, 'config'), `${config.join('\n')}\n`)
  const account = `<sip:${name}@${server};transport=${transport}>;auth_user=${name};auth_pass=${what.password ?? 'secret'};regint=60;answermode=auto`
  writeFileSync(join(home, 'accounts'), `${account}\n`)
  writeFileSync(join(home, 'contacts'), '')
  writeFileSync(join(home, 'tone.wav'), pcmWav(tone(hz, ms)))
  const ran = run('baresip', ['-f', home, '-s', '-v'], { cwd: home, ms })
  await listening(control)
  const socket = connect({ port: control, host: '127.0.0.1' })
  await once(socket, 'connect')
  socket.on('error', () => {})
  let told = ''
  socket.on('data', (bytes) => {
    told += bytes
  })
  return {
    /** The keys that were pressed at it so far, as it says them on its control socket. */
    keys: (): string =>
      [...told.matchAll(/"type":"CALL_DTMF_START"[^}]*"param":"(.)"/g)].map(([, key]) => key).join(''),
    /** What it has heard so far, as it wrote it down. */
    heard(): Int16Array {
      const dumps = readdirSync(home)
        .filter((one) => one.endsWith('-dec.wav'))
        .sort()
      const last = dumps.at(-1)
      const bytes = last ? readFileSync(join(home, last)).subarray(44) : Buffer.alloc(0)
      return new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~1)))
    },
    /** `dial`, `hangup`, … as the manual of ctrl_tcp has them. */
    tell(command: string, params = '') {
      const text = JSON.stringify({ command, params })
      socket.write(`${Buffer.byteLength(text)}:${text},`)
    },
    async stop() {
      ran.end()
      // It waits for answers to its goodbyes.
      const hard = setTimeout(() => ran.end('SIGKILL'), 1_500)
      const { output } = await ran
      clearTimeout(hard)
      socket.destroy()
      return output
    },
  }
}
