import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const statusOf = (pid: string, what: RegExp) => Number(what.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])

/** The processes of this machine that began with this one, itself included. */
function family(first: number): number[] {
  const all = readdirSync('/proc').filter((one) => /^\d+$/.test(one))
  const children = new Map<number, number[]>()
  for (const one of all) {
    try {
      const parent = statusOf(one, /^PPid:\s+(\d+)/m)
      children.set(parent, [...(children.get(parent) ?? []), Number(one)])
    } catch {} // it has ended meanwhile
  }
  const found = [first]
  for (const pid of found) found.push(...(children.get(pid) ?? []))
  return found
}

type Line = 'Pss' | 'Pss_Shmem'

/** Proportional set size of these processes, in MB: what two of them share is counted once. `Pss_Shmem` is its part in shared memory. */
function pssMb(pids: number[], line: Line = 'Pss'): number {
  let kb = 0
  for (const pid of pids) {
    try {
      kb += Number(
        new RegExp(`^${line}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0,
      )
    } catch {} // it has ended meanwhile
  }
  return kb / 1024
}

export type Memory = {
  serverMb: number
  /** Without its shared memory. */
  postgresMb: number
  /** Shared memory is of one size from the start (`shared_buffers` and locks); pages count from when they are first touched. */
  sharedMb: number
  backends: number
}

/** Of a server (with its media process) and of the embedded PostgreSQL of its data directory, which outlives a killed server and so stands apart. */
export function memoryOf(server: number, dataDir: string): Memory {
  const postmaster = Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0])
  const postgres = family(postmaster)
  const sharedMb = pssMb(postgres, 'Pss_Shmem')
  return {
    serverMb: pssMb(family(server).filter((pid) => !postgres.includes(pid))),
    postgresMb: pssMb(postgres) - sharedMb,
    sharedMb,
    backends: postgres.length,
  }
}
