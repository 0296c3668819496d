import { readdirSync, readFileSync } from 'node:fs'

// USER_HZ of every Linux that Node runs on.
const tickMs = 10

/** Processor time that these processes have used so far, ms; a process that has ended counts nothing. */
function usedMs(pids: number[]): number {
  return pids.reduce((sum, pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      return sum + (Number(words[11]) + Number(words[12])) * tickMs
    } catch {
      return sum
    }
  }, 0)
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1]) === pid
      } catch {
        return false
      }
    })
    .map(Number)
}

/** What a span of work costs in processor time: the server's own and that of all sessions of PostgreSQL, ms. */
export function cpuMeter(server: number, postmaster: number): () => { server: number; database: number } {
  const read = () => ({ server: usedMs([server]), database: usedMs(childrenOf(postmaster)) })
  const before = read()
  return () => {
    const now = read()
    return { server: now.server - before.server, database: now.database - before.database }
  }
}
