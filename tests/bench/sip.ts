/** Messages and calls a second over UDP, of our edge beside sipp's own answering side, with sipp as the sender of both. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { freePort } from '../support/ports.ts'
import { folder, has, run } from '../telephony/sip/support/binary.ts'
import { cpuMeter } from './cpu.ts'

// Our rate limit lets so many of one trunk through at once; what is measured is the stack and not the limit.
const many = 2_500
const scenarios = join(import.meta.dirname, '../telephony/sip/scenarios')
const cwd = folder('bench-sip')

export async function sip({ quick = false } = {}): Promise<void> {
  if (!has('sipp')) return console.log('SIP: left out, there is no sipp (Debian: sip-tester)')
  const rounds = quick ? 1 : 3
  const kinds = [
    {
      name: 'MESSAGE',
      send: ['-sf', join(scenarios, 'message.xml')],
      reference: ['-sf', join(scenarios, 'message-taken.xml')],
    },
    { name: 'call (INVITE, 200, ACK, BYE)', send: ['-sn', 'uac'], reference: ['-sn', 'uas'] },
  ]
  for (const { name, send, reference } of kinds) {
    const [theirs, ours]: [number[], number[]] = [[], []]
    let cpuMs = 0
    for (let i = 0; i < rounds; i++) {
      theirs.push(await against(await startReference(reference), send))
      const edge = await startEdge()
      ours.push(await against(edge, send))
      cpuMs = edge.cpuMs() / many
      edge.child.kill()
    }
    const [a, b] = [median(theirs), median(ours)]
    console.log(
      `SIP ${name}: sipp ${a.toFixed(0)}/s, ours ${b.toFixed(0)}/s, ratio ${(b / a).toFixed(2)}, ${cpuMs.toFixed(2)} ms CPU each (ours)`,
    )
  }
}

type Answering = { port: number; child: ChildProcess; cpuMs(): number }

async function startReference(what: string[]): Promise<Answering> {
  const port = await freePort('127.0.0.1')
  const child = spawn('sipp', [...what, '-i', '127.0.0.1', '-p', String(port), '-nostdin', '-m', String(many)], {
    cwd,
    stdio: 'ignore',
  })
  await new Promise((later) => setTimeout(later, 300))
  return { port, child, cpuMs: () => 0 }
}

async function startEdge(): Promise<Answering> {
  const file = join(import.meta.dirname, 'sip-edge.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const used = cpuMeter(child.pid as number, child.pid as number)
  return { port: Number(line.toString()), child, cpuMs: () => used().server }
}

/** So many as fast as they are answered, fifty at once. */
async function against({ port }: Answering, send: string[]): Promise<number> {
  const own = await freePort('127.0.0.2')
  const place = ['-i', '127.0.0.2', '-p', String(own), `127.0.0.1:${port}`]
  const pace = ['-m', String(many), '-r', '20000', '-l', '50', '-s', '12349', '-nostdin', '-timeout', '60']
  const started = performance.now()
  const { code, output } = await run('sipp', [...send, ...place, ...pace], { cwd, ms: 70_000 })
  if (code !== 0) throw new Error(`sipp: ${output.slice(-1_000)}`)
  return many / ((performance.now() - started) / 1000)
}

const median = (all: number[]): number => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] as number
