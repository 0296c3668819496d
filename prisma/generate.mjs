// Generates Prisma's client without a download: generate asks for a schema engine but never runs it, so any executable that
// exists satisfies the check. Never use this way for migrate or db push: with it they do nothing and say so with success.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const stampFile = join(root, 'prisma/generated/.stamp')
const version = readFileSync(join(root, 'node_modules/prisma/package.json'), 'utf8')
const stamp = createHash('sha256')
  .update(readFileSync(join(root, 'prisma/schema.prisma')))
  .update(version)
  .digest('hex')

const fresh = existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp
if (!(process.argv.includes('--if-stale') && fresh)) {
  const { status, stderr, stdout } = spawnSync(process.execPath, ['node_modules/prisma/build/index.js', 'generate'], {
    cwd: root,
    encoding: 'utf8',
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  })
  if (status !== 0) {
    console.error(`Prisma's client could not be generated:\n${stdout}${stderr}`)
    process.exit(1)
  }
  writeFileSync(stampFile, stamp)
}
