import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const left = /(^|\/)(node_modules|generated|dist|twilio-judge)(\/|$)/
const filesIn = (folder: string, ending: RegExp) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => normalize(`${folder}/${name}`))
    .filter((file) => ending.test(file) && !left.test(file) && statSync(join(root, file)).isFile())

const code = ['server', 'telephony', 'console', 'prisma', 'tests']
const papers = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...filesIn('docs', /\.md$/),
  ...code.flatMap((folder) => filesIn(folder, /\.md$/)),
]
/** An applied migration keeps every letter, for its checksum is compared at each start. */
const applied = ['prisma/migrations/20261127030000_supervision/migration.sql']
const sources = code
  .flatMap((folder) => filesIn(folder, /\.(ts|tsx|mts|mjs|css|sql|prisma|yml|yaml|conf|service)$/))
  .filter((file) => !applied.includes(file) && file !== 'tests/papers.pure.test.ts')

/** What stands in fences and between backticks is no link. */
const plain = (text: string) => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '')
const headings = (text: string) =>
  [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, of]) => of as string)
/** As GitHub names the place of a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

function deadLinks(file: string, text: string): string[] {
  const links = [...plain(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, to]) => to as string)
  return links
    .filter((to) => !/^[a-z]+:/.test(to))
    .filter((to) => {
      const [path = '', anchor] = to.split('#')
      const at = path === '' ? file : normalize(join(dirname(file), path))
      if (!existsSync(join(root, at))) return true
      return anchor !== undefined && !headings(read(at)).map(anchorOf).includes(anchor)
    })
    .map((to) => `${file}: ${to}`)
}

const folders = ['docs', 'docs/adr', 'docs/how-to', 'server/operations']
/** A paper may be cited by its path from the root, from beside the file, or by its bare name. */
function paperOf(file: string, cited: string): string | undefined {
  const places = [cited, join(dirname(file), cited), ...folders.map((folder) => join(folder, cited))]
  return places.map(normalize).find((place) => !place.startsWith('..') && existsSync(join(root, place)))
}

/** Citations of papers that are not there, and of sections that these do not have: `alarm-devices.md 1.3, 4.1`. */
function deadCitations(file: string, text: string): string[] {
  const cited = text.matchAll(/([\w./-]*[\w-]\.md)\b((?:,? \d+(?:\.\d+)?(?:[–-]\d+(?:\.\d+)?)?(?![\w%]))*)/g)
  return [...cited].flatMap(([, name = '', sections = '']) => {
    const paper = paperOf(file, name)
    if (!paper) return [`${file}: ${name}`]
    const there = headings(read(paper)).map((one) => /^(\d+(?:\.\d+)?)/.exec(one)?.[1])
    const numbers = sections.match(/\d+(?:\.\d+)?/g) ?? []
    return numbers.filter((one) => !there.includes(one)).map((one) => `${file}: ${name} ${one}`)
  })
}

describe('the papers', () => {
  test('the README can be read at one sitting: at most 8,000 bytes', () => {
    expect(Buffer.byteLength(read('README.md'))).toBeLessThanOrEqual(8_000)
  })
  test('the README of a room has at most fifteen lines', () => {
    const rooms = papers.filter((file) => basename(file) === 'README.md' && code.includes(file.split('/')[0] as string))
    expect(rooms.filter((file) => read(file).trimEnd().split('\n').length > 15)).toEqual([])
  })
  test('every link leads to a file and a heading that are there', () => {
    expect(papers.length).toBeGreaterThan(30) // a check of nothing must not pass
    expect(papers.flatMap((file) => deadLinks(file, read(file)))).toEqual([])
  })
  test('every paper and section that papers and comments cite is there', () => {
    expect(sources.length).toBeGreaterThan(500)
    expect([...papers, ...sources].flatMap((file) => deadCitations(file, read(file)))).toEqual([])
  })
  test('a planted link, citation or section that leads nowhere is found', () => {
    expect(deadLinks('docs/keys.md', '[a](nowhere.md) [b](glossary.md#nothing) [c](glossary.md) `[d](no.md)`')).toEqual(
      ['docs/keys.md: nowhere.md', 'docs/keys.md: glossary.md#nothing'],
    )
    expect(deadCitations('server/x.ts', '[alarm-devices.md 1.3, 9.9] PROTOCOLS.md 1')).toEqual([
      'server/x.ts: alarm-devices.md 9.9',
      'server/x.ts: PROTOCOLS.md',
    ])
  })
  test('every setting that the product reads stands in its table', () => {
    const schemas = ['env.ts', 'alarm-env.ts', 'twilio-env.ts']
      .map((name) => read(`server/platform/${name}`))
      .join('\n')
    const settings = [...schemas.matchAll(/^ {2}([A-Z][A-Z0-9_]+): /gm)].map(([, name]) => name as string)
    expect(settings.length).toBeGreaterThan(45)
    const table = read('docs/configuration.md')
    expect(settings.filter((name) => !table.includes(`\`${name}\``))).toEqual([])
  })
})
