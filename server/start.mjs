// What `npm start` runs: from a fresh clone to the running product. Uses nothing but Node itself, since it runs before npm install.
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { nodeFault } from './start/node-version.mjs'
import { root } from './start/stale.mjs'
import { buildConsole, buildServer, generate, install } from './start/steps.mjs'

const fault = nodeFault(process.versions.node)
if (fault) {
  console.error(fault)
  process.exit(1)
}

let child
let asked = 0
process.on('SIGHUP', () => child?.kill('SIGHUP'))
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    asked += 1
    // The terminal sends Ctrl-C to the server too; a second one means "now".
    if (!child) process.exit(130)
    child.kill(asked > 1 ? 'SIGKILL' : signal)
  })
}

try {
  mkdirSync(`${root}/dist`, { recursive: true })
  await install()
  await generate()
  await buildServer()
  await buildConsole()
} catch (error) {
  const words = {
    ENOSPC: 'The disk is full: free some space and start again.',
    EACCES: `This folder cannot be written (${error.path}): give this user the right to.`,
    EROFS: `This folder cannot be written (${error.path}).`,
  }
  console.error(words[error.code] ?? error.message)
  process.exit(1)
}

const args = process.argv.slice(2)
if (!args.includes('--build-only')) {
  const entry = args.includes('--cluster') ? 'dist/server/cluster.js' : 'dist/server/main.js'
  child = spawn(process.execPath, ['--enable-source-maps', entry], {
    cwd: root,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
}
