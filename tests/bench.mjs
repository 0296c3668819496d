// What `npm run bench` runs: builds what is stale, then measures the product beside a raw floor in the same run;
// with `--media` the voice (`--minutes 10` for the full figure).
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { root } from '../server/start/stale.mjs'
import { buildConsole, buildServer, generate, install } from '../server/start/steps.mjs'

mkdirSync(`${root}/dist`, { recursive: true })
await install()
await generate()
await buildServer()
if (!process.argv.includes('--media')) await buildConsole()
const file = process.argv.includes('--media') ? 'tests/bench/media.ts' : 'tests/bench/main.ts'
process.exit(
  spawnSync(process.execPath, ['--import', 'tsx', file, ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  }).status ?? 1,
)
