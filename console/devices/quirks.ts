import type { DeviceTypeForm } from '../../server/contracts/devices.ts'

type Quirks = DeviceTypeForm['quirks']

/** One a line, `name = value`, as somebody types them. Pure. */
export const quirksText = (quirks: Quirks): string =>
  Object.entries(quirks)
    .map(([name, value]) => `${name} = ${value}`)
    .join('\n')

/** The other way; undefined when a line is not of that form. A number is a number, true and false are that, all else is a text. */
export function readQuirks(text: string): Quirks | undefined {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  const pairs = lines.map((line) => /^([\w-]{1,40})\s*=\s*(.{1,200})$/.exec(line))
  if (pairs.some((pair) => pair === null)) return undefined
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', typed(pair?.[2] ?? '')]))
}

function typed(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) : text
}
