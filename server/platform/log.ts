import { type Logger, pino } from 'pino'

export type { Logger }

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
    redact: { paths: [...personal, ...personal.map((field) => `*.${field}`), 'req.headers'], remove: true },
  })
}
