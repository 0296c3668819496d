import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const passphraseFile = (dataDir: string): string => join(dataDir, 'backup.key')

/**
 * What locks backups: as it is set, or a line that is made once and kept in DATA_DIR, so that nobody's addresses lie open because
 * somebody forgot to set one. Only a backup makes it; what reads one takes it when it is there.
 */
export function passphraseOf(
  dataDir: string,
  fromEnv: string | undefined,
  command: string | undefined,
): string | undefined {
  if (fromEnv) return fromEnv
  const file = passphraseFile(dataDir)
  if (existsSync(file)) return readFileSync(file, 'utf8').trim()
  // Where there is no centre, none is left behind.
  if (command !== 'backup' || !existsSync(join(dataDir, 'postgres.json'))) return undefined
  const made = randomBytes(32).toString('base64url')
  writeFileSync(file, `${made}\n`, { mode: 0o600, flag: 'wx' })
  return made
}
