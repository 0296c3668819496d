import fc from 'fast-check'
import { z } from 'zod'

type Json = {
  type?: string
  const?: unknown
  enum?: unknown[]
  anyOf?: Json[]
  oneOf?: Json[]
  format?: string
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  minItems?: number
  maxItems?: number
  items?: Json
  properties?: Record<string, Json>
  required?: string[]
  additionalProperties?: Json | boolean
}

/** What a shape of the contract takes, made from the shape itself; what its finer rules refuse is left to them. */
export function fromSchema(type: z.ZodType): fc.Arbitrary<unknown> {
  return made(z.toJSONSchema(type, { io: 'input', unrepresentable: 'any' }) as Json)
}

// Long enough to reach each limit of a name; the longer ones are what the mutations are for.
const textMax = 80
const listMax = 4

function made(json: Json): fc.Arbitrary<unknown> {
  if ('const' in json) return fc.constant(json.const)
  if (json.enum) return fc.constantFrom(...json.enum)
  const either = json.anyOf ?? json.oneOf
  if (either) return fc.oneof(...either.map(made))
  switch (json.type) {
    case 'string':
      return text(json)
    case 'integer':
      return fc.integer({ min: within(json.minimum, -1_000_000), max: within(json.maximum, 1_000_000) })
    case 'number':
      return fc.double({ min: json.minimum ?? -1e6, max: json.maximum ?? 1e6, noNaN: true })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return fc.array(made(json.items ?? {}), {
        minLength: json.minItems ?? 0,
        maxLength: Math.max(json.minItems ?? 0, Math.min(json.maxItems ?? listMax, listMax)),
      })
    case 'object': {
      if (!json.properties && typeof json.additionalProperties === 'object')
        return fc.dictionary(fc.string({ maxLength: 20 }), made(json.additionalProperties), { maxKeys: listMax })
      const properties = Object.entries(json.properties ?? {}).map(([name, one]) => [name, made(one)] as const)
      return fc.record(Object.fromEntries(properties), { requiredKeys: (json.required ?? []) as never[] })
    }
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}

const within = (limit: number | undefined, usual: number) =>
  limit === undefined || Math.abs(limit) > 2 ** 31 ? usual : limit

function text({ format, pattern, minLength = 0, maxLength = textMax }: Json): fc.Arbitrary<string> {
  const day = fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  if (format === 'uuid') return fc.uuid()
  if (format === 'date-time') return day.map((date) => date.toISOString())
  if (format === 'date') return day.map((date) => date.toISOString().slice(0, 10))
  if (pattern) return fc.stringMatching(new RegExp(pattern))
  return fc.string({ unit: 'grapheme', minLength, maxLength: Math.max(minLength, Math.min(maxLength, textMax)) })
}

const half = JSON.parse('"\\ud800"') as string
const odd = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, -1, 7.5, '', ' ', [], {}, [[]], { '': '' }),
  fc.constantFrom<unknown>(
    1e308,
    -1e308,
    2 ** 31,
    2 ** 53,
    -(2 ** 63),
    5e-324,
    'NaN',
    'Infinity',
    '-0',
    '1e999',
    '0x10',
  ),
  fc.constantFrom<unknown>(
    'a\0b',
    half,
    `x${half}y`,
    '\u202e反',
    '😀'.repeat(40),
    "'; DROP TABLE incident; --",
    '%',
    '\\',
    '../..',
  ),
  fc.constantFrom<unknown>('0000-01-01', '9999-12-31', '+275760-09-13T00:00:00Z', '1969-12-31T23:59:60Z', '2026-02-30'),
  fc.constantFrom<unknown>(
    'x'.repeat(5_000),
    '长'.repeat(30_000),
    Array.from({ length: 3_000 }, () => 1),
  ),
  fc.jsonValue({ maxDepth: 3 }),
)
const extraKey = fc.constantFrom(
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'version',
  'id',
  'a\0',
  half,
  'then',
)

/** The same, with one thing in it that does not belong there. */
export function mutated(base: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .tuple(
      base,
      fc.nat(),
      fc.oneof(
        { weight: 3, arbitrary: odd.map((value) => ({ value })) },
        extraKey.map((key) => ({ key })),
      ),
    )
    .map(([whole, where, change]) => {
      const copy = structuredClone(whole)
      const places = placesOf(copy)
      const place = places[where % places.length]
      const at = place ? (place.in as Record<string, unknown>)[place.of] : copy
      const put = 'value' in change ? change.value : withKey(at, change.key)
      if (!place) return put
      ;(place.in as Record<string, unknown>)[place.of] = put
      return copy
    })
}

/** An own key even where it is `__proto__`: what a JSON text can say and an object literal cannot. */
function withKey(at: unknown, key: string): unknown {
  const copy = typeof at === 'object' && at !== null ? at : {}
  Object.defineProperty(copy, key, { value: { polluted: true }, enumerable: true, configurable: true, writable: true })
  return copy
}

function placesOf(value: unknown): { in: object; of: string }[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([of, inner]) => [{ in: value, of }, ...placesOf(inner)])
}
