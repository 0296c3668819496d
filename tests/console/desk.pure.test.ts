import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dueOf } from '../../console/follow-up/due.ts'
import { answersByDigit, isGrave, proposedBy } from '../../console/incidents/answers.ts'
import { clockIn, learnZone } from '../../console/lib/zone.ts'
import { lateness } from '../../console/queue/lateness.ts'
import { catalogue } from '../../prisma/demo/catalogue.ts'
import { centreZone } from '../../server/contracts/days.ts'
import { stepsOfClass } from '../../server/contracts/escalation.ts'

const root = join(import.meta.dirname, '../../console')
const pages = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name))

describe('a digit of the triage means one thing', () => {
  const questions = catalogue.flatMap((item) => item.questions)
  const plain = questions.filter((one) => one.answers.every(({ id }) => ['yes', 'no', 'unsure'].includes(id)))
  test('no, no, no by habit never says yes: 1 is yes, 2 is no, 3 is unclear, in whatever order they were written', () => {
    expect(plain.length).toBeGreaterThan(8)
    fc.assert(
      fc.property(
        fc.constantFrom(...plain).chain((one) => fc.shuffledSubarray(one.answers, { minLength: one.answers.length })),
        (answers) => {
          for (const { digit, answer } of answersByDigit({ answers }))
            expect(digit).toBe({ yes: 1, no: 2, unsure: 3 }[answer.id])
        },
      ),
    )
  })
  test('a question made in the console is known by its words, and others are numbered as they stand', () => {
    const made = (...texts: string[]) => ({ answers: texts.map((text, i) => ({ id: `x${i}`, text, textEn: text })) })
    const shown = (question: Parameters<typeof answersByDigit>[0]) =>
      answersByDigit(question).map(({ digit, answer }) => `${digit} ${answer.text}`)
    expect(shown(made('没有', '有'))).toEqual(['1 有', '2 没有'])
    expect(shown(made('现在', '今天内', '改天'))).toEqual(['1 现在', '2 今天内', '3 改天'])
    expect(shown(made('否', '改天'))).toEqual(['1 否', '2 改天'])
  })
  test('no digit is given twice in one question, and each answer has one', () => {
    for (const question of questions) {
      const digits = answersByDigit(question).map(({ digit }) => digit)
      expect(new Set(digits).size).toBe(question.answers.length)
    }
  })
  test('the answers that make it a matter of life are marked', () => {
    const grave = plain.flatMap((one) => one.answers.filter(isGrave).map(({ id }) => `${one.id}:${id}`))
    expect(grave).toEqual(expect.arrayContaining(['bleeding:yes', 'breathing:no', 'head:yes', 'danger:yes']))
  })
})

test('a fall proposes help after a fall, smoke the fire; a press proposes nothing', () => {
  const of = (...fired: string[]) => proposedBy(catalogue, fired)?.code
  expect([of('fall'), of('smoke'), of('gas'), of('low-battery'), of('button'), of('button', 'fall')]).toEqual([
    'fall-help',
    'fire-gas',
    'fire-gas',
    'device-check',
    undefined,
    'fall-help',
  ])
})

describe('each clock by its own target', () => {
  const queuedAt = '2026-11-30T08:00:00.000Z'
  const allowance: Record<number, number> = { 1: -86_400, 2: 0, 3: 300, 4: 1_800, 5: 3_600 }
  const lateAfter = (incidentClass: number, seconds: number, quietUntil: string | null = null) =>
    lateness(
      {
        status: 'waiting',
        class: incidentClass,
        queuedAt,
        rankAt: new Date(Date.parse(queuedAt) + (allowance[incidentClass] as number) * 1_000).toISOString(),
        quietUntil,
      },
      Date.parse(queuedAt) + seconds * 1_000,
    )
  test('a flat battery after 19 seconds is late for nobody; a life after 15 is', () => {
    expect([lateAfter(1, 14), lateAfter(1, 15), lateAfter(2, 59), lateAfter(2, 60)]).toEqual([
      '',
      'amber',
      'amber',
      'red',
    ])
    expect([lateAfter(4, 19), lateAfter(4, 1_799), lateAfter(4, 1_800), lateAfter(4, 3_600)]).toEqual([
      '',
      '',
      'amber',
      'red',
    ])
  })
  test('nothing is red before it was amber, and it never goes back', () => {
    const rank = { '': 0, amber: 1, red: 2 }
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.nat(9_000), fc.nat(9_000), (incidentClass, a, b) => {
        const [early, late] = [Math.min(a, b), Math.max(a, b)]
        expect(rank[lateAfter(incidentClass, early)]).toBeLessThanOrEqual(rank[lateAfter(incidentClass, late)])
      }),
    )
  })
  test('while its number is closed it is not late', () => {
    expect(lateAfter(3, 4_000, '2026-11-30T09:30:00.000Z')).toBe('')
  })
  test('a step of a technical one names its own time', () => {
    expect([stepsOfClass(1)[1], stepsOfClass(4)[1]]).toEqual([15, 450])
  })
})

describe('hours', () => {
  test('a desk in another zone shows the hours that the messages name', () => {
    learnZone(centreZone)
    expect(clockIn('zh-CN', { timeStyle: 'short' }).format(new Date('2026-11-30T17:30:00Z'))).toBe('01:30')
    expect(dueOf('2026-11-30T17:30:00Z', Date.parse('2026-11-30T08:00:00Z'))).toBe('later')
  })
  test('no page writes an hour by the clock of the desk', () => {
    const own = /new Intl\.DateTimeFormat|toLocale(Date|Time)?String\(|toDateString|getHours|getTimezoneOffset/
    const found = pages.filter((name) => own.test(readFileSync(join(root, name), 'utf8')))
    // Weekdays have no zone: they are named from a day in UTC.
    expect(found.sort()).toEqual([join('hotlines', 'hours-fields.tsx'), join('lib', 'zone.ts')])
  })
})
