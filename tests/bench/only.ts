/** One row of the bench alone: `npm run bench -- --only nearby`, or the soak: `npm run bench -- --soak --minutes 60`. */
import { parseArgs } from 'node:util'
import { board } from './console.ts'
import { devices } from './devices.ts'
import { nearby } from './nearby.ts'
import { route } from './route.ts'
import { siege } from './siege.ts'
import { sip } from './sip.ts'
import { startUp } from './start-up.ts'

const silence = ({ quick }: { quick: boolean }) => devices({ quick, silence: true })
const rows = { route, nearby, 'start-up': startUp, console: board, sip, devices, silence, siege }
const { values } = parseArgs({
  options: { only: { type: 'string' }, quick: { type: 'boolean', default: false } },
})
const row = rows[values.only as keyof typeof rows]
if (!row) throw new Error(`--only takes one of ${Object.keys(rows).join(', ')}`)
await row({ quick: values.quick })
process.exit()
