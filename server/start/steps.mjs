import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { hashOf, root, unlessFresh } from './stale.mjs'

const lock = 'package-lock.json'

/** npm ci, when there is no node_modules or the lockfile has changed since. Install scripts are not needed and not run. */
export async function install() {
  const done = join(root, 'node_modules/.package-lock.json')
  const stamp = 'node_modules/.yihu-stamp'
  // Installed by hand just now: there is nothing to do again.
  if (
    !existsSync(join(root, stamp)) &&
    existsSync(done) &&
    statSync(done).mtimeMs >= statSync(join(root, lock)).mtimeMs
  ) {
    return unlessFresh('packages: found installed', stamp, hashOf([lock]), async () => {})
  }
  await unlessFresh('packages: installing with npm, a minute or two', stamp, hashOf([lock]), () =>
    run(
      'npm',
      ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts'],
      'The packages could not be installed; see above. Is the npm registry reachable?',
    ),
  )
}

export async function generate() {
  if (!existsSync(join(root, 'prisma/generated/client.ts'))) rmSync(join(root, 'dist/.generated'), { force: true })
  await unlessFresh('database client: generating', 'dist/.generated', hashOf(['prisma/schema.prisma', lock]), () =>
    run(process.execPath, ['prisma/generate.mjs'], 'The database client could not be generated; see above.'),
  )
}

/** Built beside its place and moved there, so that two starts at once never run half a build. */
export async function buildServer() {
  const inputs = hashOf(['server', 'telephony', 'prisma', lock], (file) => /\.(ts|mjs|json)$/.test(file))
  await unlessFresh('server: building', 'dist/.server', inputs, async () => {
    const { build, stop } = await import('esbuild')
    const making = join(root, `dist/.server-${process.pid}`)
    await build({
      entryPoints: {
        main: join(root, 'server/main.ts'),
        cluster: join(root, 'server/wiring/cluster.ts'),
        media: join(root, 'telephony/media-process/main.ts'),
        backup: join(root, 'server/backup/main.ts'),
        'hashing-thread': join(root, 'server/access/hashing-thread.mjs'),
      },
      outdir: making,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      packages: 'external',
      sourcemap: true,
      keepNames: true,
      logLevel: 'error',
    })
    await stop() // its service process would stay as long as we do
    replace(making, join(root, 'dist/server'))
  })
}

export async function buildConsole() {
  const inputs = hashOf(['console', 'server/contracts', 'server/start/steps.mjs', lock])
  await unlessFresh('console: building', 'dist/.console', inputs, async () => {
    const making = `dist/.console-${process.pid}`
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      [
        'node_modules/vite/bin/vite.js',
        'build',
        '--config',
        'console/vite.config.ts',
        '--outDir',
        join(root, making),
        '--logLevel',
        'error',
      ],
      { cwd: root, encoding: 'utf8' },
    )
    if (status !== 0) throw new Error(`The console could not be built:\n${stdout}${stderr}`)
    compress(join(root, making))
    replace(join(root, making), join(root, 'dist/console'))
  })
}

/** Each page file also as browsers take it: over a weak line its bytes are what somebody waits for. Done once, and not at each request. */
function compress(folder) {
  for (const name of readdirSync(folder, { recursive: true })) {
    if (!/\.(js|css|html|json|svg)$/.test(name)) continue
    const bytes = readFileSync(join(folder, name))
    writeFileSync(
      join(folder, `${name}.br`),
      brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
    )
    writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes))
  }
}

function replace(from, to) {
  rmSync(`${to}.old`, { recursive: true, force: true })
  if (existsSync(to)) renameSync(to, `${to}.old`)
  renameSync(from, to)
  rmSync(`${to}.old`, { recursive: true, force: true })
}

function run(file, args, otherwise) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    })
    child.once('error', () => reject(new Error(otherwise)))
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(otherwise))))
  })
}
