import type { Parts } from '../platform/parts.ts'
import { toE164 } from '../platform/phone.ts'
import { StartFault } from '../platform/start-fault.ts'

/** A number that residents call is never answered with tones. */
export async function onlyOfPanels({ db }: Pick<Parts, 'db'>, lines: string[]): Promise<void> {
  const [both] = await db.query<{ number: string }>('SELECT number FROM hotline WHERE active AND number = ANY ($1)', [
    lines.flatMap((line) => [line, toE164(line) ?? line]),
  ])
  if (both)
    throw new StartFault(
      `CONTACT_ID_NUMBERS has ${both.number}, which residents call (/hotlines). Give panels a number of their own.`,
    )
}
