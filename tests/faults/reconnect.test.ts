import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { bareSocket } from '../support/bare-socket.ts'
import { freePort } from '../support/ports.ts'
import { press, readDemo, startProcess } from '../support/product.ts'

// The consoles hear each press of their area; the pages of halls and helpers, most of those that are open, their own.
const connections = 5_000
const consoles = 500
// All at once is what a switch that comes back makes of them; a browser's own back-off spreads them further.
const openingAtOnce = 500
const backWithinMs = 60_000
// Each press is pushed to all of them: so many a second as a whole city presses, not as many as one loop can send.
const pressEveryMs = 500
// Some 90 MB at rest and 55 for a round: three rounds in this heap are only possible when each gives back what it held.
const heapMb = 220
const pressAnsweredWithinMs = 5_000
// Each connection has a descriptor at both ends.
const descriptors = Number(spawnSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).stdout)
const enough = Number.isNaN(descriptors) || descriptors > connections + 500

const dataDir = mkdtempSync(join(tmpdir(), 'yihu-reconnect-'))
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

const residentMb = (pid: number) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024

test.skipIf(!enough)(
  `${connections} connections, ${consoles} of them consoles, are lost at once and come back; presses meanwhile are answered (skipped where fewer files may be open)`,
  { timeout: 300_000 },
  async () => {
    const product = await startProcess(dataDir, await freePort(), {
      ROLES: 'web,worker',
      NODE_OPTIONS: `--max-old-space-size=${heapMb}`,
    })
    const { url, child } = product
    const sockets = new Set<Socket>()
    try {
      const demo = readDemo(dataDir)
      const cookies: string[] = []
      for (const { username, password } of demo.accounts.slice(0, 10)) {
        const reply = await fetch(`${url}/api/v1/sessions`, {
          method: 'POST',
          headers: { origin: url, 'content-type': 'application/json' },
          body: JSON.stringify({ username, password }),
        })
        cookies.push(reply.headers.getSetCookie()[0]?.split(';')[0] as string)
      }
      const kiosks = demo.devices.filter(({ protocol }) => protocol === 'web')
      const connectAll = async () => {
        let next = 0
        const worker = async () => {
          while (next < connections) {
            const n = next++
            const who =
              n < consoles
                ? { cookie: cookies[n % cookies.length] as string }
                : { kiosk: kiosks[n % kiosks.length]?.key as string }
            for (let tries = 0; ; tries++) {
              const socket = await bareSocket(url, who, () => {}).catch((error: Error) => error)
              if (!(socket instanceof Error)) {
                sockets.add(socket)
                break
              }
              if (tries === 5) throw socket
            }
          }
        }
        await Promise.all(Array.from({ length: openingAtOnce }, worker))
      }
      const atRest = residentMb(child.pid as number)
      await connectAll()
      const connected = residentMb(child.pid as number)
      const dropAll = () => {
        for (const socket of sockets) socket.destroy()
        sockets.clear()
      }

      dropAll()
      const began = performance.now()
      const presses: Promise<number>[] = []
      const pressOne = async () => {
        const at = performance.now()
        const { status } = await press(url, demo.devices[presses.length % 500] as { key: string })
        return [200, 201].includes(status) ? performance.now() - at : Number.POSITIVE_INFINITY
      }
      const pressing = setInterval(() => presses.push(pressOne()), pressEveryMs)
      await connectAll().finally(() => clearInterval(pressing))
      const backMs = performance.now() - began
      const took = (await Promise.all(presses)).sort((a, b) => a - b)
      const figure = async (name: string) =>
        Number(new RegExp(`^${name} (\\d+)`, 'm').exec(await (await fetch(`${url}/metrics`)).text())?.[1] ?? Number.NaN)
      const connectedNow = () => figure('yihu_sockets')
      await expect.poll(connectedNow, { timeout: 30_000 }).toBe(connections)

      dropAll()
      await expect.poll(connectedNow, { timeout: 30_000 }).toBe(0)
      await connectAll()
      const again = residentMb(child.pid as number)
      dropAll()
      const figures = {
        backMs: Math.round(backMs),
        presses: took.length,
        pressP50Ms: Math.round(took[Math.floor(took.length / 2)] ?? 0),
        pressWorstMs: Math.round(took.at(-1) ?? 0),
        atRestMb: Math.round(atRest),
        connectedMb: Math.round(connected),
        connectedAgainMb: Math.round(again),
      }
      process.stdout.write(`${connections} connections: ${JSON.stringify(figures)}\n`)
      expect(backMs).toBeLessThan(backWithinMs)
      expect(took.length).toBeGreaterThan(5)
      expect(took.at(-1)).toBeLessThan(pressAnsweredWithinMs)
    } finally {
      for (const socket of sockets) socket.destroy()
      child.kill('SIGINT')
      await product.exit
    }
  },
)
