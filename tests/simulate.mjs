// What `npm run simulate` runs: a whole centre in virtual time, by the real product over its real interfaces.
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { root } from '../server/start/stale.mjs'
import { generate, install } from '../server/start/steps.mjs'

mkdirSync(`${root}/dist`, { recursive: true })
await install()
await generate()
process.exit(
  spawnSync(process.execPath, ['--import', 'tsx', 'tests/simulate/main.ts', ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  }).status ?? 1,
)
