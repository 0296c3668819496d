import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

const root = join(import.meta.dirname, '../..')
/** In their order: each may use those before it. */
const rooms = [
  'access',
  'catalogue',
  'residents',
  'devices',
  'providers',
  'hotlines',
  'incidents',
  'alarms',
  'calls',
  'messages',
  'queue',
  'dispatch',
  'follow-up',
  'backup',
]
const consoleRooms = [
  'calls',
  'kiosk',
  'incidents',
  'queue',
  'dispatch',
  'residents',
  'devices',
  'providers',
  'catalogue',
  'hotlines',
  'access',
  'follow-up',
]
const anyRoom = rooms.join('|')
/** The layers of RFC 3261, the lowest first. */
const sipLayers = ['message', 'transports', 'transactions', 'auth', 'registration', 'calls']

type Zone = { name: string; from: RegExp; to: RegExp }

/** Who may not know whom (STYLE, Rooms): imports point one way, and rooms only at rooms listed before them. */
export const zones: Zone[] = [
  { name: 'contracts need only zod', from: /^server\/contracts\//, to: /^(?!server\/contracts\/|zod$)/ },
  {
    name: 'the console knows the server through contracts only',
    from: /^console\//,
    to: /^(server\/(?!contracts\/)|telephony\/|prisma\/)/,
  },
  {
    name: 'telephony knows the server through contracts only',
    from: /^telephony\//,
    to: /^(server\/(?!contracts\/)|console\/|prisma\/)/,
  },
  {
    name: 'rooms do not know a carrier or a page',
    from: new RegExp(`^server/(contracts|platform|${anyRoom})/`),
    to: /^(telephony|console)\//,
  },
  { name: 'the platform knows no room', from: /^server\/platform\//, to: new RegExp(`^server/(${anyRoom})/`) },
  {
    name: 'only the wiring knows every part',
    from: new RegExp(`^server/(contracts|platform|${anyRoom})/`),
    to: /^server\/([^/]+\.ts$|wiring\/)/,
  },
  {
    name: 'deciding meets no database, queue or socket',
    from: /^server\/[^/]+\/(sound\/)?(model|machine|choose|evolve|timers)\.ts$/,
    to: /^(server\/platform\/(?!clock)|pg$|bullmq$|ioredis$|socket\.io$|@prisma\/|(?!server\/contracts\/).*\/(commands|queries|store|routes|jobs)\.ts$)/,
  },
  {
    name: 'the media carries sound, whatever kind of leg brings it',
    from: /^telephony\/media\//,
    to: /^telephony\/(?!media\/)/,
  },
  {
    name: 'a kind of leg knows neither the switching nor another kind',
    from: /^telephony\/(rtp|web|twilio|sip|alarm)\//,
    to: /^telephony\/switching\/(?!legs|arrivals)/,
  },
  ...sipLayers.slice(0, -1).map((layer, i) => ({
    name: `the SIP layer ${layer} knows only those below it`,
    from: new RegExp(`^telephony/sip/${layer}/`),
    to: new RegExp(`^telephony/sip/(${sipLayers.slice(i + 1).join('|')})/`),
  })),
  { name: 'console lib and ui know no room', from: /^console\/(lib|ui)\//, to: /^console\/(?!lib\/|ui\/|locales\/)/ },
  ...rooms.slice(0, -1).map((room, i) => ({
    name: `${room} uses only rooms before it`,
    from: new RegExp(`^server/${room}/`),
    to: new RegExp(`^server/(${rooms.slice(i + 1).join('|')})/`),
  })),
  ...consoleRooms.map((room) => ({
    name: `console ${room} knows no other room`,
    from: new RegExp(`^console/${room}/`),
    to: new RegExp(`^console/(?!${room}/)(${consoleRooms.join('|')})/`),
  })),
]

export type Import = { from: string; to: string }

/** The imports of one file, relative ones resolved to paths from the root. Type imports count: they couple as well. */
export function importsOf(file: string, source: string): Import[] {
  const found = source.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)
  return [...found].map(([, to]) => ({
    from: file,
    to: to?.startsWith('.') ? normalize(join(dirname(file), to)) : (to as string),
  }))
}

export function allImports(): Import[] {
  return ['server', 'telephony', 'console', 'prisma'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => `${folder}/${name}`)
      .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('prisma/generated/'))
      .flatMap((file) => importsOf(file, readFileSync(join(root, file), 'utf8'))),
  )
}

export const crossings = (imports: Import[]): string[] =>
  imports.flatMap(({ from, to }) =>
    zones.filter((zone) => zone.from.test(from) && zone.to.test(to)).map((zone) => `${from} → ${to}: ${zone.name}`),
  )

/** A way round from a file back to itself; empty when imports form no circle. */
export function circle(imports: Import[]): string[] {
  const next = new Map<string, string[]>()
  for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to])
  const clear = new Set<string>()
  const walk = (file: string, path: string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (clear.has(file)) return []
    for (const to of next.get(file) ?? []) {
      const found = walk(to, [...path, file])
      if (found.length > 0) return found
    }
    clear.add(file)
    return []
  }
  for (const file of next.keys()) {
    const found = walk(file, [])
    if (found.length > 0) return found
  }
  return []
}

const roomOf = (file: string): string | undefined => {
  const [, folder = ''] = /^server\/([^/]+)\//.exec(file) ?? []
  return rooms.includes(folder) ? folder : undefined
}

/** Which room uses which, and by how many imports, as a table; each row points only at rooms above it. */
export function roomTable(imports: Import[]): string {
  const uses = (room: string) => {
    const counts = new Map<string, number>()
    for (const { from, to } of imports) {
      const other = roomOf(to)
      if (roomOf(from) === room && other && other !== room) counts.set(other, (counts.get(other) ?? 0) + 1)
    }
    return rooms.flatMap((other) => (counts.has(other) ? [`${other} ${counts.get(other)}`] : [])).join(', ')
  }
  return rooms.map((room) => `| ${room} | ${uses(room)} |`).join('\n')
}
