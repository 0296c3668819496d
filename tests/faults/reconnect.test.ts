import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { bareSocket } from '../support/bare-socket.ts'
import { freePort, press, readDemo, startProcess } from '../support/product.ts'

const consoles = 5_000
// All at once is what a switch that comes back makes of them; a browser's own back-off spreads them further.
const openingAtOnce = 500
const backWithinMs = 60_000
const pressAnsweredWithinMs = 5_000
// Each connection has a descriptor at both ends.
const descriptors = Number(spawnSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).stdout)
const enough = Number.isNaN(descriptors) || descriptors > consoles + 500

const dataDir = mkdtempSync(join(tmpdir(), 'yihu-reconnect-'))
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

const residentMb = (pid: number) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024

test.skipIf(!enough)(
  `${consoles} consoles lose their connections at once and come back; presses meanwhile are answered (skipped where fewer files may be open)`,
  { timeout: 300_000 },
  async () => {
    const product = await startProcess(dataDir, await freePort(), { ROLES: 'web,worker' })
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
      const connectAll = async () => {
        let next = 0
        const worker = async () => {
          while (next < consoles) {
            const cookie = cookies[next++ % cookies.length] as string
            for (let tries = 0; ; tries++) {
              const socket = await bareSocket(url, cookie, () => {}).catch((error: Error) => error)
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
      let back = false
      const pressing = (async () => {
        const took: number[] = []
        for (let n = 0; !back; n++) {
          const at = performance.now()
          const { status } = await press(url, demo.devices[n % 500] as { key: string })
          expect([200, 201]).toContain(status)
          took.push(performance.now() - at)
        }
        return took
      })()
      await connectAll()
      const backMs = performance.now() - began
      back = true
      const took = (await pressing).sort((a, b) => a - b)
      const figure = async () =>
        Number(/^yihu_sockets (\d+)/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1] ?? Number.NaN)
      await expect.poll(figure, { timeout: 30_000 }).toBe(consoles)

      dropAll()
      await expect.poll(figure, { timeout: 30_000 }).toBe(0)
      // A second round costs no more memory than the first: what the connections held was given back.
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
      process.stdout.write(`${consoles} consoles: ${JSON.stringify(figures)}\n`)
      expect(backMs).toBeLessThan(backWithinMs)
      expect(took.length).toBeGreaterThan(10)
      expect(took.at(-1)).toBeLessThan(pressAnsweredWithinMs)
      expect(again).toBeLessThan(connected * 1.25 + 50)
    } finally {
      for (const socket of sockets) socket.destroy()
      child.kill('SIGINT')
      await product.exit
    }
  },
)
