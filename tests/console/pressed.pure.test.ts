import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answerChord, composing, keyOf, meantBy, type Pressed, pressedKey, sends } from '../../console/lib/pressed.ts'

const pressed = (key: string, code: string, more: Partial<Pressed> = {}): Pressed => ({ key, code, ...more })
const place = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ').map((letter) => `Key${letter}`)

describe('whoever rings is answered on every keyboard', () => {
  test('the physical A answers on a Uyghur, Russian, Greek, Arabic or Korean layout', () => {
    for (const key of ['ھ', 'ф', 'α', 'ش', 'ㅁ']) expect(keyOf(pressed(key, 'KeyA'), false)).toBe('a')
    expect(keyOf(pressed('Ф', 'KeyQ', { shiftKey: true }), false)).toBe('Shift+Q')
  })
  test('AZERTY and Dvorak keep the letter that is printed on them, wherever it lies', () => {
    expect(keyOf(pressed('a', 'KeyQ'), false)).toBe('a')
    expect(keyOf(pressed('q', 'KeyA'), false)).toBe('q')
    fc.assert(
      fc.property(fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzéöşıñ'), place, (key, code) => {
        expect(meantBy(pressed(key, code))).toBe(key)
      }),
    )
  })
  test('a letter of no Latin layout is the one at its place, and nothing else ever becomes an A', () => {
    const letter = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 })
    fc.assert(
      fc.property(letter, place, (key, code) => {
        const meant = meantBy(pressed(key, code))
        // Full-width letters are of Latin script, too; they mean their narrow ones.
        if (/^[\uff01-\uff5e\u3000]$/.test(key)) expect(meant).toBe(key.normalize('NFKC'))
        else if (/^[ -~]$|^\p{Script=Latin}$/u.test(key)) expect(meant).toBe(key)
        else if ([...key].length === 1) expect(meant).toBe(code.at(3)?.toLowerCase())
      }),
    )
  })
  test('digits are digits on AZERTY, on Arabic keys and on the number block', () => {
    expect(keyOf(pressed('&', 'Digit1'), false)).toBe('1')
    expect(keyOf(pressed('١', 'Digit1'), false)).toBe('1')
    expect(keyOf(pressed('1', 'Numpad1'), false)).toBe('1')
    expect(keyOf(pressed('End', 'Numpad1'), false)).toBe('End')
    expect(keyOf(pressed('?', 'Digit7', { shiftKey: true }), false)).toBe('?')
  })
  test('full-width forms of an input method mean their narrow ones', () => {
    expect([
      meantBy(pressed('ａ', 'KeyA')),
      meantBy(pressed('；', 'Semicolon')),
      meantBy(pressed('　', 'Space')),
    ]).toEqual(['a', ';', ' '])
    // Not every sign that looks like one: the ordinal of a Spanish keyboard is no A.
    expect(meantBy(pressed('ª', 'Backquote'))).toBe('ª')
  })
})

describe('an input method that is choosing characters', () => {
  const taken = fc.oneof(
    fc.record({ isComposing: fc.constant(true), keyCode: fc.integer({ min: 0, max: 255 }) }),
    // Safari: the Enter that chose the word comes after the composition has ended.
    fc.record({ isComposing: fc.constant(false), keyCode: fc.constant(229) }),
  )
  test('keeps its keys, in fields and out of them: half a sentence is never sent, no stranger’s file opens', () => {
    const key = fc.constantFrom('Enter', 'Escape', 'ArrowDown', 'a', ' ', 'Process', '1', 'F1')
    fc.assert(
      fc.property(key, taken, fc.boolean(), (key, how, typing) => {
        const event = pressed(key, key === 'Enter' ? 'Enter' : '', how)
        expect(composing(event)).toBe(true)
        expect(pressedKey(event)).toBeUndefined()
        expect(sends({ ...event, ctrlKey: true })).toBe(false)
        expect(keyOf(event, typing)).toBeUndefined()
      }),
    )
  })
  test('reads React’s event as the browser’s', () => {
    expect(pressedKey({ nativeEvent: pressed('Enter', 'Enter', { keyCode: 229 }) })).toBeUndefined()
    expect(pressedKey({ nativeEvent: pressed('Enter', 'Enter', { keyCode: 13 }) })).toBe('Enter')
  })
  test('does not stand before who rings: the chord answers from the middle of a word, and only the chord', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.constantFrom(13, 229), (isComposing, keyCode) => {
        const chord = pressed(keyCode === 229 ? 'Process' : 'Enter', 'Enter', { altKey: true, isComposing, keyCode })
        expect(keyOf(chord, true)).toBe(answerChord)
        for (const more of [{ ctrlKey: true }, { shiftKey: true }, { metaKey: true }, { repeat: true }])
          expect(keyOf({ ...chord, ...more }, true)).toBeUndefined()
      }),
    )
  })
})

test('in a field letters are text; Esc, function keys and the chord act', () => {
  for (const key of ['a', ' ', 'x', '1', 'Enter']) expect(keyOf(pressed(key, ''), true)).toBeUndefined()
  expect(keyOf(pressed('Escape', 'Escape'), true)).toBe('Escape')
  expect(keyOf(pressed('F2', 'F2'), true)).toBe('F2')
})

test('no page reads a key by itself, nor asks for a composition: there is one place for both', () => {
  const root = join(import.meta.dirname, '../../console')
  const pages = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (name) => /\.tsx?$/.test(name) && name !== join('lib', 'pressed.ts'),
  )
  const reads = /\b(event|e|ev|nativeEvent)\.(key|code|keyCode|which)\b|\bkeyCode\b/
  const found = pages.filter((name) => {
    const text = readFileSync(join(root, name), 'utf8')
    // Safari's Enter after the word is told apart by how, not by what.
    return reads.test(name === join('lib', 'keys.ts') ? text.replace("event.code === 'Enter'", '') : text)
  })
  expect(pages.length).toBeGreaterThan(150)
  expect(found).toEqual([])
  const handlers = pages.filter((name) => /onKeyDown=/.test(readFileSync(join(root, name), 'utf8')))
  for (const name of handlers)
    expect([name, /lib\/pressed\.ts'/.test(readFileSync(join(root, name), 'utf8'))]).toEqual([name, true])
})
