// What `npm test` runs: sets up what a fresh clone lacks, checks types, style and zones, then all tests; prints the true counts last.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { nodeFault } from '../server/start/node-version.mjs'
import { root } from '../server/start/stale.mjs'
import { buildConsole, buildServer, generate, install } from '../server/start/steps.mjs'

const fault = nodeFault(process.versions.node)
if (fault) {
  console.error(fault)
  process.exit(1)
}
mkdirSync(`${root}/dist`, { recursive: true })
try {
  await install()
  await generate()
  await buildServer()
  await buildConsole()
} catch (error) {
  console.error(error.message)
  process.exit(1)
}

const node = (...args) =>
  spawnSync(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, FORCE_COLOR: process.env.FORCE_COLOR ?? '0' },
  }).status === 0

console.log('types, format and lint …')
const checked = [
  node('node_modules/typescript/bin/tsc', '-p', '.'),
  node('node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'),
]

const report = `${root}/dist/test-report-${process.pid}.json`
const passedAll = node(
  'node_modules/vitest/vitest.mjs',
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
)
let counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numFailedTestSuites: 0 }
try {
  counts = JSON.parse(readFileSync(report, 'utf8'))
} finally {
  rmSync(report, { force: true })
}
const failedChecks = checked.filter((ok) => !ok).length
const good = passedAll && failedChecks === 0 && counts.numPassedTests > 0
const failed = counts.numFailedTests + failedChecks
console.log(
  `${counts.numPassedTests + checked.length - failedChecks} passed, ${!good && failed === 0 ? 1 : failed} failed, ${counts.numPendingTests} skipped`,
)
process.exit(good ? 0 : 1)
