import { type Logger, pino } from 'pino'

export type { Logger }

/**
 * What a fault says without the values it speaks of: a database tells which text it could not read, and that may be a
 * name or a number. Plain identifiers stay, so that a fault can be found.
 */
export function withoutValues(line: Record<string, unknown>): Record<string, unknown> {
  const plain = (text: unknown) =>
    typeof text === 'string'
      ? text.replace(/(["'`])(?![a-z_]{1,40}\1)[^"'`]*\1/g, '$1…$1').replace(/\+?\d{7,}/g, '…')
      : text
  return {
    ...line,
    ...('fault' in line && { fault: plain(line['fault']) }),
    ...('stack' in line && { stack: plain(line['stack']) }),
  }
}

/**
 * Structured logs without personal data: whatever carries a name, number, address, key or free text is cut out here, once,
 * so that a careless line elsewhere cannot leak it.
 */
export function makeLog(level: string): Logger {
  const personal = [
    'name',
    'nameToUse',
    'phone',
    'address',
    'access',
    'healthNotes',
    'password',
    'key',
    'token',
    'note',
    'text',
    'body',
    'cookie',
    'authorization',
  ]
  return pino({
    level,
    base: { pid: process.pid },
    formatters: { log: withoutValues },
    redact: { paths: [...personal, ...personal.map((field) => `*.${field}`), 'req.headers'], remove: true },
  })
}
