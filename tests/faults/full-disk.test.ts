import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statfsSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, expect, test } from 'vitest'
import { freePort } from '../support/ports.ts'
import { press, readDemo, startProcess } from '../support/product.ts'

const diskMb = 400
const disk = mkdtempSync(join(tmpdir(), 'yihu-disk-'))
const mounted =
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMb}m,mode=0700`, 'tmpfs', disk], { stdio: 'ignore' }).status ===
  0
afterAll(() => {
  if (mounted) spawnSync('umount', ['-l', disk])
  rmSync(disk, { recursive: true, force: true })
})

const free = () => {
  const { bavail, bsize } = statfsSync(disk)
  return bavail * bsize
}

test.skipIf(!mounted)(
  'the disk is full: presses are refused, none is acknowledged that is not stored; with space again it goes on by itself (skipped where no disk can be mounted)',
  { timeout: 240_000 },
  async () => {
    const product = await startProcess(disk, await freePort())
    try {
      const devices = readDemo(disk).devices.filter(({ protocol }) => protocol === 'http')
      const acknowledged: string[] = []
      const one = async (n: number) => {
        const { status, alarmId } = await press(product.url, devices[n % devices.length] as { key: string })
        if (status === 201) acknowledged.push(alarmId)
        return status
      }
      expect(await one(0)).toBe(201)
      // Somebody else's file takes what is left.
      const filler = join(disk, 'filler')
      while (free() > 0) {
        try {
          writeFileSync(filler, Buffer.alloc(Math.max(4096, Math.min(free(), 32 * 2 ** 20))), { flag: 'a' })
        } catch {
          break
        }
      }
      // What is preallocated still takes some; then it ends.
      let refused = 0
      for (let n = 1; refused < 20 && n < 40_000; n++) {
        const status = await one(n)
        if (status === 503) refused++
        else expect([200, 201]).toContain(status)
      }
      expect(refused).toBe(20)
      // Whoever watches over the centre hears that nobody is stored, though all else still answers.
      const ready = await fetch(`${product.url}/readyz`)
      expect([ready.status, ((await ready.json()) as { reasons: string[] }).reasons]).toEqual([
        503,
        expect.arrayContaining(['presses']),
      ])
      const { port, password } = JSON.parse(readFileSync(join(disk, 'postgres.json'), 'utf8'))
      unlinkSync(filler)
      await expect.poll(() => one(0).catch(() => 0), { timeout: 60_000, interval: 250 }).toBe(201)
      const db = new pg.Client(`postgres://yihu:${password}@127.0.0.1:${port}/yihu`)
      await db.connect()
      const { rows } = await db.query('SELECT 1 FROM alarm WHERE id = ANY ($1)', [acknowledged])
      expect(rows).toHaveLength(new Set(acknowledged).size)
      await db.end()
      await expect
        .poll(async () => (await fetch(`${product.url}/readyz`)).status, { timeout: 60_000, interval: 250 })
        .toBe(200)
    } finally {
      product.child.kill('SIGINT')
      await product.exit
    }
  },
)
