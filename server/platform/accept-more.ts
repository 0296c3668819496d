import { spawn } from 'node:child_process'
import cluster from 'node:cluster'
import { createServer, type Server } from 'node:net'

// Eight a turn in all. Under load a turn takes ten milliseconds: what comes back after an outage is in within the second.
const more = 7
const handedBackMsMax = 5_000
// A child of a moment: given a socket, it hands it back as often as it is told, each time as one more [unix(7), SCM_RIGHTS].
const echo = `process.on('message', (times, socket) => { for (let n = 0; n < times; n++) process.send('again', socket) })`

/**
 * libuv takes one connection from a listening socket in each turn of its loop (libuv pull request 3696). Under load, when hundreds come
 * at once, a device that presses over a new connection waits behind them for a second and more, although nothing else is late. So the
 * socket is watched several times over, and each takes its one. Where that is not to be had, it stays as it was.
 *
 * @returns `stop` takes no more; `ended` resolves when the last connection that came by them is over, which is the server's business
 */
export async function acceptMore(server: Server): Promise<{ stop(): void; ended: Promise<unknown> }> {
  // In a cluster the first process accepts, and does nothing else.
  const socket = cluster.isWorker ? undefined : (server as { _handle?: object })._handle
  const others = socket && process.platform !== 'win32' ? await watchedAgain(server, socket) : []
  const ended = Promise.all(others.map((other) => new Promise((over) => other.once('close', over))))
  return { stop: () => others.forEach((other) => void other.close()), ended }
}

function watchedAgain(server: Server, socket: object): Promise<Server[]> {
  const child = spawn(process.execPath, ['-e', echo], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  const others: Server[] = []
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(late)
      child.kill()
      resolve(others)
    }
    const late = setTimeout(end, handedBackMsMax)
    child.once('error', end)
    child.once('exit', end)
    child.on('message', (_, again) => {
      const other = createServer({ allowHalfOpen: true, noDelay: true }, (one) => server.emit('connection', one))
      others.push(other.on('error', () => {}).listen(again))
      if (others.length === more) end()
    })
    child.send(more as never, socket as Server, () => {})
  })
}
