import { readFileSync } from 'node:fs'

/** Of a list of any order; NaN of none. */
export function quantile(list: readonly number[], share: number): number {
  const sorted = [...list].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export const median = (list: readonly number[]): number => quantile(list, 0.5)

/** The same clock in every process of the machine. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6

const ticksPerSecond = 100 // USER_HZ, the same on every Linux that Node runs on

/** CPU seconds that a process has used, user and system. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

export const wait = (ms: number) => new Promise<void>((later) => setTimeout(later, ms))

/** Shares of one core that these processes used meanwhile. */
export async function cpuShares(pids: number[], ms: number): Promise<number[]> {
  const since = monotonicMs()
  const before = pids.map(cpuSeconds)
  await wait(ms)
  const seconds = (monotonicMs() - since) / 1_000
  return pids.map((pid, i) => (cpuSeconds(pid) - (before[i] as number)) / seconds)
}

export const percent = (share: number) => `${(share * 100).toFixed(1)}%`
export const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`
export const spread = (ms: readonly number[]) =>
  `p50 ${median(ms).toFixed(1)} ms, p99 ${quantile(ms, 0.99).toFixed(1)} ms (${ms.length} times)`
