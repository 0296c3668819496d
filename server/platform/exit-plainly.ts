import { StartFault } from './start-fault.ts'

type SystemError = Error & { code?: string; syscall?: string; port?: number; address?: string; path?: string }

/** One plain sentence for what a person can mend; the stack only for what is our own bug. */
export function plainWords(error: unknown): string | undefined {
  if (error instanceof StartFault) return error.message
  const { code, syscall, port, address, path } = error as SystemError
  if (syscall === 'listen' && code === 'EADDRINUSE')
    return `Port ${port} on ${address} is in use: stop the other program or start with another one, e.g. PORT=${(port ?? 3000) + 1} npm start.`
  if (syscall === 'listen') return `Cannot listen on ${address}:${port} (${code}): choose another HOST or PORT.`
  if (code === 'ENOSPC') return `The disk is full${path ? ` (${path})` : ''}: free some space and start again.`
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM')
    return `${path ?? 'A file'} cannot be written (${code}): give this user the right to, or choose another DATA_DIR.`
  if (code === 'ECONNREFUSED')
    return `The database at ${address}:${port} does not answer: start it, or correct DATABASE_URL.`
  return undefined
}

export function exitPlainly(error: unknown): never {
  console.error(plainWords(error) ?? (error as Error).stack ?? String(error))
  process.exit(1)
}
