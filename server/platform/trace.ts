import type { SpanContext } from '@opentelemetry/api'
import type { Realtime } from './realtime.ts'

/** A station of the line that an incident has passed. Ids and kinds only, never what is personal. */
export type Station = { name: string; from: Date; to: Date; about?: Record<string, string | number> }

export type Trace = {
  /** Tells of a station; the first of an incident (`opens`) is the one under which the others stand. */
  station(incidentId: string, station: Station & { opens?: boolean }): void
  /** The same pushes, each told as a station; itself when nothing is traced. */
  pushes<R extends Realtime>(realtime: R, now: () => Date): R
  /** Sends what was not sent yet. */
  close(): Promise<void>
}

// Soon enough to look at a call that just ended.
const sendEveryMs = 1_000
// Tries again within it; also what a collector that is away may cost at a stop.
const sendMsMax = 3_000

/** Nothing is traced: nothing is loaded, kept or sent. */
export const noTrace: Trace = { station: () => {}, pushes: (realtime) => realtime, close: async () => {} }

/**
 * The trace of an incident is named by the incident: its id is the trace id, and the second half of it the id of the first
 * span. So whatever process works on it later, after an outbox row, a queue or a restart, finds its trace without being told.
 * The press is over before the others begin, so each span is told when it is done, with its two times.
 */
export async function startTrace(endpoint: string | undefined, fault: (words: string) => void): Promise<Trace> {
  if (!endpoint) return noTrace
  const [{ ROOT_CONTEXT, TraceFlags, diag, trace }, sdk, { OTLPTraceExporter }, { resourceFromAttributes }] =
    await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ])
  const quiet = () => {}
  // A collector that is away must not fill the log, and never holds up the line: what does not fit is dropped.
  diag.setLogger({ error: fault, warn: quiet, info: quiet, debug: quiet, verbose: quiet })
  const random = new sdk.RandomIdGenerator()
  let named: { traceId: string; spanId: string } | undefined
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': process.env['OTEL_SERVICE_NAME'] ?? 'yihu' }),
    idGenerator: {
      generateTraceId: () => named?.traceId ?? random.generateTraceId(),
      generateSpanId: () => named?.spanId ?? random.generateSpanId(),
    },
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter: new OTLPTraceExporter({
          url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
          timeoutMillis: sendMsMax,
        }),
        scheduledDelayMillis: sendEveryMs,
      }),
    ],
  })
  const tracer = provider.getTracer('yihu')

  function station(incidentId: string, { name, from, to, about, opens }: Station & { opens?: boolean }): void {
    const ids = idsOf(incidentId)
    const options = { startTime: from, attributes: { 'incident.id': incidentId, ...about } }
    const first: SpanContext = { ...ids, traceFlags: TraceFlags.SAMPLED, isRemote: true }
    named = opens ? ids : undefined
    const span = opens
      ? tracer.startSpan(name, { ...options, root: true }, ROOT_CONTEXT)
      : tracer.startSpan(name, options, trace.setSpanContext(ROOT_CONTEXT, first))
    named = undefined
    span.end(to)
  }

  return {
    station,
    pushes: (realtime, now) => ({
      ...realtime,
      toArea(path, name, payload) {
        const from = now()
        realtime.toArea(path, name, payload)
        const id = incidentOf(name, payload)
        if (id) station(id, { name: `push ${name}`, from, to: now() })
      },
    }),
    close: () => provider.shutdown().catch((error: Error) => fault(error.message)),
  }
}

/** Of an incident's id, a UUID: what W3C trace context calls trace-id and parent-id. */
export function idsOf(incidentId: string): { traceId: string; spanId: string } {
  const traceId = incidentId.replaceAll('-', '')
  return { traceId, spanId: traceId.slice(16) }
}

function incidentOf(name: string, payload: unknown): string | undefined {
  const { id, row } = payload as { id?: string; row?: { incidentId?: string } }
  return name === 'incident.changed' ? id : row?.incidentId
}
