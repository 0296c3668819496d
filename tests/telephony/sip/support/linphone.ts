import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Belledonne's telephone on a command line: it answers by itself, and does what is typed. */
export async function startLinphone(what: {
  cwd: string
  name: string
  server: string
  transport: string
  ca?: string
}) {
  const { cwd, name, server, transport, ca } = what
  const home = join(cwd, `linphone-${name}-${transport}`)
  // Where it keeps its database; without the folder it does nothing, silently.
  mkdirSync(join(home, '.local/share/linphone'), { recursive: true })
  const rc = join(home, 'rc')
  const proxy = `sip:${server};transport=${transport}`
  writeFileSync(
    rc,
    [
      '[sip]',
      'sip_port=-1',
      'sip_tcp_port=-1',
      'sip_tls_port=-1',
      'default_proxy=0',
      'guess_hostname=1',
      'verify_server_certs=1',
      'verify_server_cn=1',
      ...(ca ? [`root_ca=${ca}`] : []),
      'bind_address=127.0.0.1',
      '[proxy_0]',
      `reg_proxy=<${proxy}>`,
      `reg_identity=<sip:${name}@${server}>`,
      'reg_expires=60',
      'reg_sendregister=1',
      'publish=0',
      '[auth_info_0]',
      `username=${name}`,
      'passwd=secret',
      'realm=yihu.test',
      '[sound]',
      'echocancellation=0',
      '',
    ].join('\n'),
  )
  const child = spawn('linphonec', ['-c', rc, '-a', '-d', '6', '-l', join(home, 'log')], {
    cwd: home,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, HOME: home, TERM: 'dumb' },
  })
  let output = ''
  const hear = (chunk: Buffer) => {
    output = `${output}${chunk}`.slice(-20_000)
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const timer = setTimeout(() => child.kill('SIGKILL'), 28_000)
  const type = (line: string) => void child.stdin.write(`${line}\n`)
  type('soundcard use files')
  const words: Record<string, (params: string) => string> = {
    dial: (params) => `call ${params}`,
    hangup: () => 'terminate',
  }
  return {
    tell: (command: string, params = '') => type(words[command]?.(params) ?? command),
    async stop() {
      const closed = new Promise((done) => child.once('close', done))
      type('quit')
      const hard = setTimeout(() => child.kill('SIGKILL'), 3_000)
      await closed
      clearTimeout(timer)
      clearTimeout(hard)
      return output
    },
  }
}
