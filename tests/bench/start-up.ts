import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../support/ports.ts'
import { startProcess } from '../support/product.ts'
import { wait } from './figures.ts'
import { memoryOf } from './memory.ts'

const settleMs = 10_000

/** How long until ready, on a fresh data directory and on one that is there already; and what it takes at rest, all processes counted. */
export async function startUp(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'yihu-bench-'))
  console.log('\nstart-up:')
  try {
    for (const which of ['fresh data directory', 'second start', 'third start']) {
      const started = performance.now()
      const { child, exit } = await startProcess(dataDir, await freePort())
      const ms = performance.now() - started
      await wait(settleMs)
      const { serverMb, postgresMb: ownMb, sharedMb } = memoryOf(child.pid as number, dataDir)
      const postgresMb = ownMb + sharedMb
      console.log(
        `  ${which}: ready after ${(ms / 1000).toFixed(1)} s; at rest ${(serverMb + postgresMb).toFixed(0)} MB (server and media ${serverMb.toFixed(0)}, PostgreSQL ${postgresMb.toFixed(0)})`,
      )
      child.kill('SIGINT')
      await exit
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}
