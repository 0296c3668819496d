import { connect, createServer, type Socket } from 'node:net'

/**
 * A wire to the database that can be made slow: what is asked waits that long on its way, in order. Cut, it ends every
 * connection and takes none.
 */
export async function slowWire(database: string) {
  const to = new URL(database)
  let delayMs = 0
  const open = new Set<Socket>()
  const server = createServer((near) => {
    const host = decodeURIComponent(to.hostname)
    const far = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${to.port}`) : connect(Number(to.port), host)
    for (const socket of [near, far]) {
      socket.setNoDelay(true)
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.on('data', (bytes) => {
      if (delayMs === 0) far.write(bytes)
      else setTimeout(() => far.writable && far.write(bytes), delayMs)
    })
    far.on('data', (bytes) => near.write(bytes))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const url = new URL(database)
  url.hostname = '127.0.0.1'
  url.port = String(port)
  return {
    url: url.href,
    delay: (ms: number) => {
      delayMs = ms
    },
    cut() {
      for (const socket of open) socket.destroy()
    },
    async close() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
