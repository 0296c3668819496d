/**
 * The raw floor: the least that could be done with the same promise. POST → group commit of alarm and job in one INSERT →
 * 201 → one socket.io event. No validation, no routing, no identity. Run as its own process: floor.ts DATABASE_URL PORT.
 */
import { createServer } from 'node:http'
import pg from 'pg'
import { Server } from 'socket.io'
import { groupCommit } from '../../server/platform/group-commit.ts'

const [url, port] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: url, max: 8 })
await pool.query(
  'DROP TABLE IF EXISTS floor_alarm; CREATE TABLE floor_alarm (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, device text, sequence bigint, job_claimed timestamptz)',
)

const lanes = [0, 1].map(() =>
  groupCommit<{ device: string; sequence: number }, void>(
    async (batch) => {
      await pool.query({
        name: 'floor',
        text: 'INSERT INTO floor_alarm (device, sequence, job_claimed) SELECT d, s, now() FROM unnest($1::text[], $2::bigint[]) AS t(d, s)',
        values: [batch.map((one) => one.device), batch.map((one) => one.sequence)],
      })
      return batch.map(() => undefined)
    },
    { batchMax: 256, waitingMax: 20_000, lanes: 2 },
  ),
)
let turn = 0
const server = createServer((request, response) => {
  let body = ''
  request.on('data', (bytes) => {
    body += bytes
  })
  request.on('end', async () => {
    const { device, sequence } = JSON.parse(body) as { device: string; sequence: number }
    turn = 1 - turn
    await lanes[turn]?.submit({ device, sequence })
    response.writeHead(201, { 'content-type': 'application/json' }).end(`{"incidentId":"${device}"}`)
    io.emit('incident.changed', { id: device, version: 1, seq: sequence })
  })
})
const io = new Server(server, { path: '/realtime' })
server.listen(Number(port), '127.0.0.1', () => console.log('ready'))
