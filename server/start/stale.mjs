import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** A hash of the contents of these files and folders (relative to the root); the same contents give the same hash. */
export function hashOf(paths, keep = () => true) {
  const hash = createHash('sha256')
  for (const path of paths)
    for (const file of filesOf(path)) if (keep(file)) hash.update(file).update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

function filesOf(path) {
  const full = join(root, path)
  if (!existsSync(full)) return []
  if (statSync(full).isFile()) return [path]
  return readdirSync(full)
    .sort()
    .flatMap((name) => filesOf(`${path}/${name}`))
}

/** Does the work unless its inputs are what they were when it was last done; prints what takes long and how long it took. */
export async function unlessFresh(name, stampFile, stamp, work) {
  const file = join(root, stampFile)
  if (existsSync(file) && readFileSync(file, 'utf8') === stamp) return
  const started = Date.now()
  process.stdout.write(`${name} … `)
  try {
    await work()
  } catch (error) {
    process.stdout.write('failed\n')
    throw error
  }
  writeFileSync(file, stamp)
  process.stdout.write(`${((Date.now() - started) / 1000).toFixed(1)} s\n`)
}
