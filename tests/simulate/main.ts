/** `npm run simulate`: runs the scenario, prints its table, checks the database; ends with 1 when anything is wrong. */
import { parseArgs } from 'node:util'
import { checkCentre } from './check.ts'
import type { Profile } from './profiles.ts'
import { report } from './report.ts'
import { type Scenario, simulate } from './run.ts'

const { values } = parseArgs({
  options: {
    residents: { type: 'string', default: '500' },
    minutes: { type: 'string', default: '240' },
    operators: { type: 'string', default: '12' },
    seed: { type: 'string', default: '1' },
    profile: { type: 'string', default: 'embedded' },
    'presses-per-hour': { type: 'string', default: '0.25' },
  },
})
const scenario: Scenario = {
  residents: positive('residents'),
  minutes: positive('minutes'),
  operators: positive('operators'),
  seed: positive('seed'),
  profile: profileOf(values.profile),
  pressesPerHour: positive('presses-per-hour'),
}
const ran = await simulate(scenario, (line) => console.log(line))
try {
  const { db } = ran.centre
  for (const line of await report(db, ran)) console.log(line)
  const faults = await checkCentre(db, ran.notes, ran.clock.now())
  for (const fault of faults) console.log(`FAULT ${fault}`)
  console.log(faults.length === 0 ? 'every check holds' : `${faults.length} faults`)
  process.exitCode = faults.length === 0 ? 0 : 1
} finally {
  await ran.close()
}
process.exit()

function positive(name: 'residents' | 'minutes' | 'operators' | 'seed' | 'presses-per-hour'): number {
  const number = Number(values[name])
  if (!(number > 0)) throw new Error(`--${name} must be a number above 0`)
  return number
}

function profileOf(name: string): Profile {
  if (name !== 'embedded' && name !== 'scale-out') throw new Error('--profile is embedded or scale-out')
  return name
}
