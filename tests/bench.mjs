// What `npm run bench` runs: builds what is stale, then measures the product beside a raw floor in the same run.
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { root } from '../server/start/stale.mjs'
import { buildConsole, buildServer, generate, install } from '../server/start/steps.mjs'

mkdirSync(`${root}/dist`, { recursive: true })
await install()
await generate()
await buildServer()
await buildConsole()
process.exit(
  spawnSync(process.execPath, ['--import', 'tsx', 'tests/bench/main.ts', ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  }).status ?? 1,
)
