// The thread that hashes passwords. It computes synchronously: what argon2 does "asynchronously" fills the four threads that
// the whole process shares, and those make the connections over which presses are stored.
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { hashSync, verifySync } from '@node-rs/argon2'

// On Linux this is the thread's own value: who presses and who talks go before who signs in, on a machine of one core too.
if (process.platform === 'linux') setPriority(10)

parentPort.on('message', ({ password, hashed, cost }) => {
  try {
    parentPort.postMessage({ done: hashed === undefined ? hashSync(password, cost) : verifySync(hashed, password) })
  } catch (error) {
    parentPort.postMessage({ fault: error.message })
  }
})
