/** The small parts of the grammar [RFC 3261 25.1]. Text is one character a byte (latin1), so that it goes back unchanged. */

export const token = "[A-Za-z0-9\\-.!%*_+`'~]+"

/** By name in small letters; without a value it is the empty text. */
export type Params = ReadonlyMap<string, string>

/** Shows each character outside of quotes to `visit` until it has seen enough; false when a quote does not end. */
function outsideQuotes(text: string, visit: (c: string, at: number) => boolean): boolean {
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string
    if (quoted) {
      if (c === '\\') i++
      else if (c === '"') quoted = false
    } else if (c === '"') quoted = true
    else if (visit(c, i)) return true
  }
  return !quoted
}

/** Parts between separators, of which those in quotes, or between < and >, do not count. Undefined: a quote does not end. */
export function split(text: string, separator: ',' | ';'): string[] | undefined {
  const parts: string[] = []
  let [start, angle] = [0, false]
  const closed = outsideQuotes(text, (c, at) => {
    if (c === '<') angle = true
    else if (c === '>') angle = false
    else if (c === separator && !angle) {
      parts.push(text.slice(start, at).trim())
      start = at + 1
    }
    return false
  })
  if (!closed || angle) return undefined
  parts.push(text.slice(start).trim())
  return parts
}

/** Where the first < outside of quotes is; -1 without one, undefined when a quote does not end. */
export function angleAt(text: string): number | undefined {
  let found = -1
  const closed = outsideQuotes(text, (c, at) => {
    if (c === '<') found = at
    return c === '<'
  })
  return closed ? found : undefined
}

const quotedPattern = /^"(?:[^"\\]|\\[\s\S])*"$/

export function unquote(text: string): string | undefined {
  if (!text.startsWith('"')) return text
  return quotedPattern.test(text) ? text.slice(1, -1).replace(/\\([\s\S])/g, '$1') : undefined
}

export const quote = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`

const paramPattern = new RegExp(`^(${token})(?:\\s*=\\s*(".*"|[^\\s"<>,;]*|\\[[0-9A-Fa-f:.]+\\]))?$`, 's')

/** `;name=value;name`. Undefined: not of this form; of two with one name the first counts. */
export function readParams(text: string): Params | undefined {
  const params = new Map<string, string>()
  const rest = text.trim()
  if (!rest) return params
  if (!rest.startsWith(';')) return undefined
  const parts = split(rest.slice(1), ';')
  for (const part of parts ?? ['"']) {
    const [, name, value] = paramPattern.exec(part) ?? []
    const plain = unquote(value ?? '')
    if (!name || plain === undefined) return undefined
    if (!params.has(name.toLowerCase())) params.set(name.toLowerCase(), plain)
  }
  return params
}

/** %XX as the characters; what only looks like an escape stays. */
export const unescaped = (text: string): string =>
  text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

/** As people read it: the bytes were UTF-8. */
export const readable = (text: string): string => Buffer.from(text, 'latin1').toString('utf8')

/** A whole number that is not absurd; undefined otherwise. */
export function readNumber(text: string | undefined, max = 2 ** 31 - 1): number | undefined {
  if (!text || !/^\d{1,12}$/.test(text)) return undefined
  const number = Number(text)
  return number <= max ? number : undefined
}
