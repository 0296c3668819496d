import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

type MediaFigures = {
  legs: number
  recordings: number
  tickLagMs: number
  underruns: number
  packetsLost: number
  residentBytes: number
}
export type Metrics = ReturnType<typeof makeMetrics>

/** One registry for each process; every station of the line leaves its figure here. */
export function makeMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  let media: () => MediaFigures | undefined = () => undefined
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
  return {
    registry,
    /** Where the figures of the media process are read from. */
    watchMedia(read: () => MediaFigures | undefined) {
      media = read
    },
    alarms: new Counter({
      name: 'yihu_alarms_total',
      help: 'Signals stored, by handling',
      labelNames: ['handling'],
      registers,
    }),
    alarmCommit: new Histogram({
      name: 'yihu_alarm_commit_seconds',
      help: 'From reading a signal to its commit',
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2],
      registers,
    }),
    answered: new Histogram({
      name: 'yihu_answer_seconds',
      help: 'First queue time to answer',
      labelNames: ['class'],
      buckets: [5, 10, 15, 30, 60, 180, 600],
      registers,
    }),
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
    outboxDepth: new Gauge({ name: 'yihu_outbox_due', help: 'Outbox rows due and not done', registers }),
    waiting: new Gauge({
      name: 'yihu_incidents_waiting',
      help: 'Incidents waiting, by class',
      labelNames: ['class'],
      registers,
    }),
    oldestWaiting: new Gauge({
      name: 'yihu_oldest_waiting_seconds',
      help: 'Age of the oldest waiting incident, by class',
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
