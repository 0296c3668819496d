import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { steadyClock } from '../../server/platform/clock.ts'
import { readEnv } from '../../server/platform/env.ts'
import { idsOf, noTrace, startTrace } from '../../server/platform/trace.ts'
import { type Product, startProduct } from '../../server/wiring/product.ts'
import { freePort, portsOff } from '../support/ports.ts'
import { type Demo, press, readDemo } from '../support/product.ts'

type Span = {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  startTimeUnixNano: string
  endTimeUnixNano: string
}
type Sent = { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }

/** A collector: takes OTLP as JSON over HTTP and keeps the spans. */
const spans: Span[] = []
let texts = ''
let collector: Server
const dataDir = mkdtempSync(join(tmpdir(), 'yihu-trace-'))
let product: Product
let demo: Demo

async function start(port: number): Promise<void> {
  const { port: to } = collector.address() as AddressInfo
  const env = readEnv({
    DATA_DIR: dataDir,
    ...portsOff,
    PORT: String(port),
    LOG_LEVEL: 'error',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${to}`,
  })
  product = await startProduct({ env, clock: steadyClock(), note: () => {}, onLost: () => {} })
}

beforeAll(async () => {
  collector = createServer((request, response) => {
    let text = ''
    request.on('data', (bytes) => {
      text += bytes
    })
    request.on('end', () => {
      texts += text
      if (request.url === '/v1/traces')
        spans.push(
          ...(JSON.parse(text) as Sent).resourceSpans.flatMap(({ scopeSpans }) =>
            scopeSpans.flatMap((one) => one.spans),
          ),
        )
      response.setHeader('content-type', 'application/json').end('{}')
    })
  })
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
  await start(await freePort())
  demo = readDemo(dataDir)
})
afterAll(async () => {
  await product?.stop()
  collector.close()
  rmSync(dataDir, { recursive: true, force: true })
})

const namesOf = (incidentId: string) =>
  spans.filter(({ traceId }) => traceId === idsOf(incidentId).traceId).map(({ name }) => name)

async function signIn(): Promise<string> {
  const password = demo.accounts.find(({ username }) => username === 'op01')?.password
  const reply = await fetch(`${product.url}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: product.url },
    body: JSON.stringify({ username: 'op01', password }),
  })
  return reply.headers.get('set-cookie')?.split(';')[0] ?? ''
}
const say = (cookie: string, method: string, path: string, body: object) =>
  fetch(`${product.url}/api/v1${path}`, {
    method,
    headers: { cookie, origin: product.url, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

test('one trace follows a press to the console and on to the answer, across the outbox and a restart', async () => {
  const cookie = await signIn()
  await say(cookie, 'PUT', '/presence', { status: 'available' })
  const console_ = io(product.url, { path: '/realtime', extraHeaders: { cookie } })
  const heard: string[] = []
  console_.onAny((name: string) => heard.push(name))
  await new Promise<void>((resolve) => console_.on('connect', resolve))
  const device = demo.devices.find(({ id }) => id) as Demo['devices'][number]
  const { incidentId } = await press(product.url, device)
  await expect.poll(() => namesOf(incidentId), { timeout: 15_000 }).toContain('push offer.changed')
  expect(heard).toContain('offer.changed')
  console_.close()

  await product.stop()
  await start(await freePort())
  expect((await say(await signIn(), 'POST', `/incidents/${incidentId}/answer`, {})).status).toBe(200)
  await expect.poll(() => namesOf(incidentId), { timeout: 10_000 }).toContain('answered')
  expect(namesOf(incidentId)).toEqual(
    expect.arrayContaining(['press', 'commit', 'push incident.changed', 'route', 'push offer.changed', 'answered']),
  )

  // All stand under the press, and none begins before it.
  const mine = spans.filter(({ traceId }) => traceId === idsOf(incidentId).traceId)
  const pressed = mine.find(({ name }) => name === 'press') as Span
  expect(pressed.spanId).toBe(idsOf(incidentId).spanId)
  expect(pressed.parentSpanId ?? '').toBe('')
  for (const span of mine.filter((one) => one !== pressed)) {
    expect([span.name, span.parentSpanId]).toEqual([span.name, pressed.spanId])
    expect(BigInt(span.startTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(pressed.startTimeUnixNano))
    expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano))
  }
  const resident = demo.devices.find(({ key }) => key === device.key)?.residentName as string
  expect(texts.includes(resident) || texts.includes(device.key)).toBe(false)
})

test('the process tells its connections, its pushes and its media process to Prometheus', async () => {
  await press(product.url, demo.devices[1] as Demo['devices'][number])
  const drained = 'yihu_outbox_drain_lag_seconds_count{kind="route-incident"}'
  const read = async () => (await fetch(`${product.url}/metrics`)).text()
  await expect.poll(read, { timeout: 10_000 }).toContain(`\n${drained} `)
  const text = await read()
  const figure = (name: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')[1],
    )
  expect(figure('yihu_pushes_total{name="incident.changed"}')).toBeGreaterThan(0)
  expect(figure('yihu_db_connections{pool="line"}')).toBeGreaterThan(0)
  expect(figure('yihu_db_waiting{pool="alarms"}')).toBe(0)
  expect(figure(drained)).toBeGreaterThan(0)
  await expect.poll(async () => /yihu_media_resident_bytes [1-9]/.test(await read())).toBe(true)
})

test('without the one variable nothing of it is loaded, and a collector that is away disturbs nobody', async () => {
  expect(await startTrace(undefined, () => {})).toBe(noTrace)
  const files = readdirSync(join(import.meta.dirname, '../../server'), { recursive: true, encoding: 'utf8' })
  const loading = files
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) =>
      readFileSync(join(import.meta.dirname, '../../server', name), 'utf8')
        .split('\n')
        .filter((line) => line.includes("'@opentelemetry/") && !/^import type|^ +import\('/.test(line)),
    )
  expect(loading).toEqual([])
  const faults: string[] = []
  const trace = await startTrace('http://127.0.0.1:9', (words) => faults.push(words))
  trace.station('01890000-0000-7000-8000-000000000001', {
    name: 'press',
    from: new Date(),
    to: new Date(),
    opens: true,
  })
  await trace.close()
  expect(faults.length).toBeGreaterThan(0)
})
