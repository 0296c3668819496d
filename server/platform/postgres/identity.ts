import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { copyBinaries } from './binaries.ts'

/** Under which user PostgreSQL runs, which refuses to run as root, and where it may read and write. */
export type Identity = {
  /** Put before each command. */
  prefix: string[]
  uid?: number
  gid?: number
  native: string
  dataDir: string
}

const nobody = 65534

/**
 * An ordinary user runs it directly. Root runs it in a user namespace in which root is "nobody": no account is made, and a
 * home of mode 0700 stays readable. Where namespaces are forbidden, it runs as the user nobody, from a copy in /var/lib.
 */
export async function chooseIdentity(native: string, dataDir: string): Promise<Identity> {
  if (process.getuid?.() !== 0) return { prefix: [], native, dataDir }
  const prefix = ['unshare', '--user', `--map-user=${nobody}`, `--map-group=${nobody}`]
  const probe = spawnSync(prefix[0] as string, [...prefix.slice(1), 'true'])
  if (probe.status === 0) return { prefix, native, dataDir }
  const outside = join('/var/lib/yihu', createHash('sha256').update(dataDir).digest('hex').slice(0, 12))
  const { chown } = await import('node:fs/promises')
  await mkdir(outside, { recursive: true, mode: 0o755 })
  await chown(outside, nobody, nobody)
  return {
    prefix: [],
    uid: nobody,
    gid: nobody,
    native: await copyBinaries(native, join('/var/lib/yihu', 'postgres-binaries')),
    dataDir: join(outside, 'postgres'),
  }
}
