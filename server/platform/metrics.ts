import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Clock } from './clock.ts'

type MediaFigures = {
  legs: number
  recordings: number
  tickLagMs: number
  underruns: number
  packetsLost: number
  residentBytes: number
}
type PoolFigures = { name: string; open: number; idle: number; waiting: number }
export type Metrics = ReturnType<typeof makeMetrics>

/** One registry for each process; every station of the line leaves its figure here. */
export function makeMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  let media: () => MediaFigures | undefined = () => undefined
  let pools: () => PoolFigures[] = () => []
  let uncommitted = () => 0
  let undelivered = () => 0
  let clockAheadMs = () => 0
  const mediaGauge = (name: keyof MediaFigures, metric: string, help: string) =>
    new Gauge({
      name: metric,
      help,
      registers,
      collect() {
        this.set(media()?.[name] ?? 0)
      },
    })
  mediaGauge('legs', 'yihu_media_legs', 'Legs in the media process')
  mediaGauge('recordings', 'yihu_media_recordings', 'Recordings under way')
  mediaGauge(
    'tickLagMs',
    'yihu_media_tick_lag_ms',
    'Worst lateness of the 20 ms tick in the last second; above 60 audio breaks',
  )
  mediaGauge('underruns', 'yihu_media_underruns', 'Frames missing when they were due, in the last second')
  mediaGauge('packetsLost', 'yihu_media_packets_lost', 'Packets lost in the last second')
  mediaGauge('residentBytes', 'yihu_media_resident_bytes', 'Memory of the media process')
  const poolGauge = (figure: 'open' | 'idle' | 'waiting', metric: string, help: string) =>
    new Gauge({
      name: metric,
      help,
      labelNames: ['pool'],
      registers,
      collect() {
        for (const pool of pools()) this.set({ pool: pool.name }, pool[figure])
      },
    })
  poolGauge('open', 'yihu_db_connections', 'Connections to the database')
  poolGauge('idle', 'yihu_db_connections_idle', 'Of these, nobody uses now')
  poolGauge('waiting', 'yihu_db_waiting', 'Who waits for a connection; above 0 for long, the database is too slow')
  new Gauge({
    name: 'yihu_alarms_uncommitted',
    help: 'Signals read and waiting for the next commit',
    registers,
    collect() {
      this.set(uncommitted())
    },
  })
  new Gauge({
    name: 'yihu_voice_undelivered',
    help: 'Legs of calls that came or ended and could not be stored yet; they are tried again and are on the disk',
    registers,
    collect() {
      this.set(undelivered())
    },
  })
  new Gauge({
    name: 'yihu_clock_ahead_seconds',
    help: 'How far the time of this process is before the clock of its machine, which was set back; 0 when in step',
    registers,
    collect() {
      this.set(clockAheadMs() / 1000)
    },
  })
  return {
    registry,
    /** Where the figures of the media process are read from. */
    watchMedia(read: () => MediaFigures | undefined) {
      media = read
    },
    watchPools(read: () => PoolFigures[]) {
      pools = read
    },
    watchClock(clock: Pick<Clock, 'aheadMs'>) {
      clockAheadMs = () => clock.aheadMs?.() ?? 0
    },
    watchUndelivered(read: () => number) {
      undelivered = read
    },
    watchIntake(read: () => number) {
      uncommitted = read
    },
    alarms: new Counter({
      name: 'yihu_alarms_total',
      help: 'Signals stored, by handling',
      labelNames: ['handling'],
      registers,
    }),
    alarmsRefused: new Counter({
      name: 'yihu_alarms_refused_total',
      help: 'Signals that could not be stored; their devices were told to send again',
      registers,
    }),
    alarmCommit: new Histogram({
      name: 'yihu_alarm_commit_seconds',
      help: 'From reading a signal to its commit',
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2],
      registers,
    }),
    pressesStored: new Gauge({
      name: 'yihu_presses_stored',
      help: '1 while a press would be stored, tried in the lane of presses; 0 while it would be refused',
      registers,
    }),
    alarmBatch: new Histogram({
      name: 'yihu_alarm_batch_size',
      help: 'Signals stored by one commit',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
      registers,
    }),
    calls: new Counter({
      name: 'yihu_calls_total',
      help: 'Calls that came in, by medium',
      labelNames: ['medium'],
      registers,
    }),
    facts: new Counter({
      name: 'yihu_facts_total',
      help: 'What happened to incidents after they opened, by the fact of the timeline',
      labelNames: ['type'],
      registers,
    }),
    answered: new Histogram({
      name: 'yihu_answer_seconds',
      help: 'From when it began to wait, without a break, to the answer',
      labelNames: ['class'],
      buckets: [5, 10, 15, 30, 60, 180, 600],
      registers,
    }),
    offersMade: new Counter({ name: 'yihu_offers_made_total', help: 'Offers that began to ring', registers }),
    offersDeclined: new Counter({
      name: 'yihu_offers_declined_total',
      help: 'Operators who declined an offer',
      registers,
    }),
    routeTime: new Histogram({
      name: 'yihu_route_seconds',
      help: 'Time of one look at the queue, the wait for other routers included',
      buckets: [0.005, 0.02, 0.05, 0.1, 0.5, 2, 10],
      registers,
    }),
    accepted: new Histogram({
      name: 'yihu_assignment_accept_seconds',
      help: 'From asking a helper to their yes',
      buckets: [10, 20, 30, 45, 60, 120, 300],
      registers,
    }),
    onScene: new Histogram({
      name: 'yihu_assignment_on_scene_seconds',
      help: 'From asking a helper to their being there',
      buckets: [60, 180, 300, 600, 900, 1800, 3600, 7200],
      registers,
    }),
    assignments: new Gauge({
      name: 'yihu_assignments',
      help: 'Helpers asked or on their way, by state',
      labelNames: ['status'],
      registers,
    }),
    promisesLate: new Gauge({
      name: 'yihu_promises_late',
      help: 'Incidents at which nobody is, though the promised time is over',
      registers,
    }),
    followUpsOverdue: new Gauge({
      name: 'yihu_follow_ups_overdue',
      help: 'Calls after a closure that are due and not made',
      registers,
    }),
    callsWaiting: new Gauge({ name: 'yihu_calls_waiting', help: 'Callers with whom nobody talks yet', registers }),
    oldestCall: new Gauge({
      name: 'yihu_oldest_call_seconds',
      help: 'How long the one who has waited longest on the line has waited',
      registers,
    }),
    callBacks: new Gauge({ name: 'yihu_call_backs', help: 'Open incidents with somebody to call back', registers }),
    offersExpired: new Counter({ name: 'yihu_offers_expired_total', help: 'Offers that rang out', registers }),
    drainLag: new Histogram({
      name: 'yihu_outbox_drain_lag_seconds',
      help: 'Due time to hand-over to the queue',
      labelNames: ['kind'],
      buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 30],
      registers,
    }),
    jobTime: new Histogram({
      name: 'yihu_job_seconds',
      help: 'Time of one batch of a job',
      labelNames: ['kind'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    }),
    jobsFailed: new Counter({
      name: 'yihu_jobs_failed_total',
      help: 'Failed job batches; each is tried again',
      labelNames: ['kind'],
      registers,
    }),
    jobsStuck: new Gauge({
      name: 'yihu_jobs_stuck',
      help: 'Outbox rows that failed so often that a person is told, by kind',
      labelNames: ['kind'],
      registers,
    }),
    pushes: new Counter({
      name: 'yihu_pushes_total',
      help: 'Pushes sent towards consoles, pages and kiosks',
      labelNames: ['name'],
      registers,
    }),
    outboxOldest: new Gauge({
      name: 'yihu_outbox_oldest_due_seconds',
      help: 'How long the longest overdue outbox row is due',
      registers,
    }),
    outboxDepth: new Gauge({ name: 'yihu_outbox_due', help: 'Outbox rows due and not done', registers }),
    waiting: new Gauge({
      name: 'yihu_incidents_waiting',
      help: 'Incidents waiting, by class',
      labelNames: ['class'],
      registers,
    }),
    oldestWaiting: new Gauge({
      name: 'yihu_oldest_waiting_seconds',
      help: 'How long the one of each class that has waited longest has waited, without a break',
      labelNames: ['class'],
      registers,
    }),
    ledgerBreaches: new Gauge({
      name: 'yihu_ledger_breaches',
      help: 'Open incidents that nobody looks after (must be 0)',
      registers,
    }),
    sockets: new Gauge({ name: 'yihu_sockets', help: 'Connected consoles and responder pages', registers }),
  }
}
