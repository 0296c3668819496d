// What `npm run bench` runs: builds what is stale, then measures the product beside a raw floor in the same run;
// with `--media` the voice (`--minutes 10` for the full figure); with `--only nearby` (and so on, see only.ts) one row alone;
// with `--devices` a district of panels; with `--soak --minutes 60` whether memory and tables stay flat under a steady load.
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { root } from '../server/start/stale.mjs'
import { buildConsole, buildServer, generate, install } from '../server/start/steps.mjs'

const flag = { type: 'boolean', default: false }
const text = { type: 'string' }
/** A flag that is not known is refused before anything is built: a figure of something else is worse than none. */
function flags() {
  try {
    const options = {
      media: flag,
      devices: flag,
      soak: flag,
      quick: flag,
      only: text,
      minutes: text,
      rate: text,
      calls: text,
    }
    return parseArgs({ options }).values
  } catch (error) {
    console.error(
      `${error.message} It takes --quick, --only ROW, --devices, --media or --soak with --minutes, --rate and --calls.`,
    )
    process.exit(2)
  }
}
const given = flags()

mkdirSync(`${root}/dist`, { recursive: true })
await install()
await generate()
await buildServer()
if (!given.media) await buildConsole()
const asked = process.argv.slice(2).flatMap((one) => (one === '--devices' ? ['--only', 'devices'] : [one]))
const name = given.media ? 'media' : given.only || given.devices ? 'only' : given.soak ? 'soak' : 'main'
const file = `tests/bench/${name}.ts`
process.exit(
  spawnSync(process.execPath, ['--import', 'tsx', file, ...asked], {
    cwd: root,
    stdio: 'inherit',
  }).status ?? 1,
)
