// What `npm run backup`, `restore` and `verify` run. Uses nothing but Node itself, since it may run before npm install.
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { nodeFault } from './start/node-version.mjs'
import { root } from './start/stale.mjs'
import { buildServer, generate, install } from './start/steps.mjs'

const fault = nodeFault(process.versions.node)
if (fault) {
  console.error(fault)
  process.exit(1)
}
try {
  mkdirSync(`${root}/dist`, { recursive: true })
  await install()
  await generate()
  await buildServer()
} catch (error) {
  console.error(error.message)
  process.exit(1)
}
const run = ['--enable-source-maps', `${root}/dist/server/backup.js`, ...process.argv.slice(2)]
process.exit(spawnSync(process.execPath, run, { stdio: 'inherit' }).status ?? 1)
