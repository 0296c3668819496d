import { existsSync, readdirSync } from 'node:fs'
import { mkdir, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { findBinaries } from '../platform/postgres/binaries.ts'
import type { Credentials } from '../platform/postgres/cluster.ts'
import { chooseIdentity } from '../platform/postgres/identity.ts'
import { isServed } from '../platform/postgres/start.ts'
import { StartFault } from '../platform/start-fault.ts'
import { connect } from './take.ts'
import { flush } from './write-archive.ts'

/** The database's folder when it does not lie in the data directory (root without user namespaces); else a path that is not there. */
export async function outsideOf(dataDir: string): Promise<string> {
  const identity = await chooseIdentity(await findBinaries(), join(dataDir, 'postgres'))
  return identity.dataDir === join(dataDir, 'postgres') ? `${dataDir}/.none` : dirname(identity.dataDir)
}

/** A centre is never restored over a running one, nor over one that is there, unless somebody says so. */
export async function mustBeFree(dataDir: string, overwrite: boolean): Promise<void> {
  if (!existsSync(dataDir) || readdirSync(dataDir).length === 0) return
  if ((await isServed(dataDir)) || (await answers(dataDir)))
    throw new StartFault(`The centre in ${dataDir} is running: stop it first, or choose another DATA_DIR.`)
  if (!overwrite)
    throw new StartFault(
      `${dataDir} holds data: choose another DATA_DIR, or add -- --overwrite; what is there is then moved aside, not deleted.`,
    )
}

/** Where processes cannot be looked at (another system than Linux), its port still tells. */
async function answers(dataDir: string): Promise<boolean> {
  const kept = await readFile(join(dataDir, 'postgres.json'), 'utf8').catch(() => undefined)
  if (!kept) return false
  const { port, password } = JSON.parse(kept) as Credentials
  const client = await connect(`postgres://yihu:${password}@127.0.0.1:${port}/yihu`)
  await client?.end()
  return client !== undefined
}

/** Moves the new centre to its place and the old one aside; answers where to. */
export async function moveInto(making: string, dataDir: string): Promise<string | undefined> {
  const [madeOutside, oldOutside] = [await outsideOf(making), await outsideOf(dataDir)]
  const aside = `${dataDir}.before-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`
  const holds = existsSync(dataDir) && readdirSync(dataDir).length > 0
  if (holds) {
    await rename(dataDir, aside)
    if (existsSync(oldOutside)) await rename(oldOutside, await outsideOf(aside))
  }
  if (existsSync(madeOutside)) {
    await mkdir(dirname(oldOutside), { recursive: true })
    await rename(madeOutside, oldOutside)
  }
  await rename(making, dataDir)
  await flush(dirname(dataDir))
  return holds ? aside : undefined
}
