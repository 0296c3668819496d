import { expect, test } from 'vitest'
import { allImports, circle, crossings, importsOf, roomTable } from '../support/zones.ts'

const imports = allImports()

test('imports point one way, and none goes in a circle', () => {
  expect(new Set(imports.map((one) => one.from)).size).toBeGreaterThan(150) // a check of nothing must not pass
  expect(crossings(imports)).toEqual([])
  expect(circle(imports)).toEqual([])
})

test('a planted forbidden import is seen and refused', () => {
  const plant = (file: string, line: string) => crossings(importsOf(file, line))
  expect(
    plant('server/incidents/machine.ts', "import { routeIncidents } from '../queue/route-incident.ts'"),
  ).toHaveLength(1)
  expect(plant('server/queue/choose.ts', "import pg from 'pg'")).toHaveLength(1)
  expect(plant('console/queue/banner.tsx', "import { db } from '../../server/platform/db.ts'")).toHaveLength(1)
  expect(plant('console/lib/board.ts', "import { Workspace } from '../incidents/workspace.tsx'")).toHaveLength(1)
  expect(plant('telephony/simulator.ts', "import type { Parts } from '../server/platform/parts.ts'")).toHaveLength(1)
  expect(plant('server/contracts/route.ts', "import type { Logger } from 'pino'")).toHaveLength(1)
  expect(circle([...imports, { from: 'server/contracts/route.ts', to: 'server/contracts/api.ts' }])).not.toEqual([])
})

test('the drawing of the rooms is that of the imports', async () => {
  const drawing = [
    '# The rooms of the server and what each uses',
    '',
    'Drawn from the imports by `npm run check` (`npx vitest run --project pure -u tests/platform/zones` draws it anew): a room uses only',
    'rooms above it, so that a need knows no call and a call knows no queue. The number is how many imports there are.',
    '',
    '| room | uses |',
    '|---|---|',
    roomTable(imports),
    '',
  ].join('\n')
  await expect(drawing).toMatchFileSnapshot('../../docs/rooms.md')
})
