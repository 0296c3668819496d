// A thread that signs in from many addresses at once, so that its own work is not counted as the server's.
import { parentPort, workerData } from 'node:worker_threads'

const { url, tries } = workerData
const answered = await Promise.all(
  Array.from({ length: tries }, async (_, n) => {
    const reply = await fetch(`${url}/api/v1/sessions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        origin: url,
        'x-forwarded-for': n % 2 === 0 ? `198.51.${n >> 8}.${n & 255}` : `2001:db8:${n.toString(16)}::1`,
      },
      body: JSON.stringify({ username: n % 3 === 0 ? `nobody-${n}` : 'op01', password: 'a wrong password' }),
    })
    return (await reply.json()).code
  }),
)
parentPort.postMessage(answered)
