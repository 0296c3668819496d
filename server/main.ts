import { join } from 'node:path'
import { steadyClock } from './platform/clock.ts'
import { type Env, readEnv } from './platform/env.ts'
import { exitPlainly } from './platform/exit-plainly.ts'
import { type Product, startProduct } from './wiring/product.ts'

// Longer than PostgreSQL's own fast shutdown; after it the process goes whatever hangs.
const stopLimitMs = 20_000

async function main(): Promise<void> {
  let product: Product | undefined
  let stopping = false
  const stop = async (code: number) => {
    if (stopping) return
    stopping = true
    setTimeout(() => process.exit(1), stopLimitMs).unref()
    await product?.stop()
    process.exit(code)
  }
  process.on('SIGINT', () => void stop(0))
  process.on('SIGTERM', () => void stop(0))
  // Whoever started us is gone, even if by kill -9: nothing may be left behind.
  process.on('disconnect', () => void stop(0))
  try {
    const env = readEnv(process.env)
    const note = (line: string) => console.log(line)
    const onLost = (why: string) => {
      if (stopping) return
      console.error(`${why}; stopping, so that a supervisor starts all of it again.`)
      void stop(1)
    }
    product = await startProduct({ env, clock: steadyClock(), note, onLost })
    welcome(product.url, env)
    process.send?.('ready')
  } catch (error) {
    exitPlainly(error)
  }
}

function welcome(url: string, env: Env): void {
  console.log(`ready ${url || env.roles.join()}`)
  if (!env.demo || !url) return
  console.log(
    `Sign in as op01; its password, and those of all demo accounts, are in ${join(env.dataDir, 'demo.json')}.`,
  )
  console.log(
    `Try: 1. open ${url}/simulator in a second window, switch on the pretend responders and press the pendant.`,
  )
  console.log(
    '     2. in the console choose "available", connect the headset, press A to answer, then a digit for what is needed, and D, Enter to send help.',
  )
  console.log(
    '     3. when the helper is done, press R, choose the outcome and Enter. The incident closes and its timeline stays.',
  )
}

await main()
