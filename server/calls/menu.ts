import type { MenuChoice } from '../contracts/hotlines.ts'
import { type PromptLocale, promptOf } from '../contracts/voice.ts'
import type { Db } from '../platform/db.ts'

/**
 * What who waits can choose by a key at the number that they dialled; empty while nobody has recorded the words for it: a key
 * that is not announced means nothing. One level and three choices at most, since GB/T 33358 asks for no deep menus.
 */
export async function menuOf(
  db: Pick<Db, 'query'>,
  { line, locale }: { line: string; locale: PromptLocale },
): Promise<MenuChoice[]> {
  const [row] = await db.query<{ menu: MenuChoice[] }>(
    `SELECT menu FROM hotline WHERE active AND number = $1 AND menu <> '[]'
       AND EXISTS (SELECT 1 FROM prompt WHERE prompt.locale = $2 AND prompt.key = $3 AND in_use)`,
    [line, locale, promptOf('menu', line)],
  )
  return row?.menu ?? []
}
