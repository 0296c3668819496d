// What `npm test` runs: sets up what a fresh clone lacks, checks types, style and zones, then all tests; prints the true counts last.
// `-- --profile=scale-out` runs them on Debian's PostgreSQL and Redis, `-- --profile=both` on both.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
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

console.log('types, format, lint and what nobody uses …')
const checked = [
  node('node_modules/typescript/bin/tsc', '-p', '.'),
  node('node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'),
  node('node_modules/knip/bin/knip.js', '--no-config-hints'),
]

const counts = { passed: 0, failed: 0, skipped: 0 }
// Said again at the end: a log is often read from there.
const failures = []
for (const ok of checked) counts[ok ? 'passed' : 'failed'] += 1

/** Runs Vitest, behind another command if need be, and adds what it counted; a run that counted nothing has failed. */
function run(before, ...args) {
  const report = `${root}/dist/test-report-${process.pid}.json`
  const ended = node(
    ...before,
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...args,
  )
  const seen = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : { numPassedTests: 0, numFailedTests: 0 }
  rmSync(report, { force: true })
  for (const file of seen.testResults ?? []) {
    if (file.status === 'failed' && file.message) failures.push(`${file.name}: ${file.message}`)
    for (const one of file.assertionResults.filter((one) => one.status === 'failed'))
      failures.push(
        `${file.name}: ${one.fullName}\n    ${one.failureMessages.map((text) => text.slice(0, 800)).join('\n    ')}`,
      )
  }
  counts.passed += seen.numPassedTests
  counts.skipped += seen.numPendingTests ?? 0
  counts.failed += seen.numFailedTests > 0 || (ended && seen.numPassedTests > 0) ? seen.numFailedTests : 1
}

const given = process.argv.slice(2).filter((one) => !one.startsWith('--profile='))
const profile = process.argv.find((one) => one.startsWith('--profile='))?.split('=')[1] ?? 'embedded'
if (profile !== 'scale-out') run([], ...given)
if (profile !== 'embedded') {
  console.log('the same on external PostgreSQL and Redis, in several processes …')
  run(
    ['tests/support/servers.mjs', process.execPath],
    '--project',
    'rooms',
    '--project',
    'pages',
    '--project',
    'journeys',
    ...given,
  )
}
for (const one of failures) console.log(`failed: ${one}`)
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exit(counts.failed === 0 ? 0 : 1)
