import { Readable } from 'node:stream'
import { setImmediate as otherWork } from 'node:timers/promises'
import { CsvError, parse } from 'csv-parse'
import {
  columnsNeeded,
  type ImportColumn,
  type ImportFault,
  importColumns,
  importRowsMax,
} from '../contracts/device-import.ts'
import { asTyped } from '../contracts/text.ts'

/** A line of the file as it was written; a column that the file does not have is empty. */
export type ImportRow = { line: number; cells: Record<ImportColumn, string> }
export type ImportRead = { rows: ImportRow[]; faults: ImportFault[] }

const names = Object.keys(importColumns) as ImportColumn[]
const ofFile = (is: ImportFault['is'], instead: string[] = [], line = 0): ImportRead => ({
  rows: [],
  faults: [{ line, column: '', is, instead }],
})

/** UTF-8 with or without its mark, else GB18030, which is what a Chinese spreadsheet writes; undefined when it is neither. Pure. */
export function decodeText(bytes: Uint8Array): string | undefined {
  for (const encoding of ['utf-8', 'gb18030'])
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes)
    } catch {}
  return undefined
}

// A row of a device is a few hundred characters. A book that is one row of commas is no list of devices.
const rowCharsMax = 16_384
// A few milliseconds of reading; then whoever presses has their turn.
const pieceChars = 32_768

/** The first line that is too long to be a row, counted from 1. */
function longLine(text: string): number | undefined {
  for (let n = 1, at = 0; at < text.length; n++) {
    const end = text.indexOf('\n', at) < 0 ? text.length : text.indexOf('\n', at)
    if (end - at > rowCharsMax) return n
    at = end + 1
  }
  return undefined
}

async function* inPieces(text: string): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += pieceChars) {
    yield text.slice(at, at + pieceChars)
    await otherWork()
  }
}

type Line = { record: string[]; info: { lines: number } }

async function linesOf(text: string): Promise<Line[]> {
  const parser = parse({
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    info: true,
    // One more than is taken, so that too many are noticed and not a whole book is read.
    to: importRowsMax + 2,
  })
  const lines: Line[] = []
  for await (const line of Readable.from(inPieces(text)).pipe(parser)) lines.push(line as Line)
  return lines
}

/** The rows of a CSV file [RFC 4180], or what is wrong with the file as a whole; read in pieces, with other work between them. */
export async function readImport(bytes: Uint8Array): Promise<ImportRead> {
  const text = decodeText(bytes)
  if (text === undefined || text.includes('\0')) return ofFile('not-text', ['UTF-8', 'GB18030'])
  const long = longLine(text)
  if (long) return ofFile('not-csv', ['"'], long)
  let lines: Line[]
  try {
    lines = await linesOf(text)
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    return ofFile('not-csv', ['"'], Number(error['lines'] ?? 0))
  }
  const [head, ...rows] = lines.filter(({ record }) => record.some((cell) => cell !== ''))
  if (!head || rows.length === 0) return ofFile('no-rows')
  if (rows.length > importRowsMax) return ofFile('too-many-rows', [String(importRowsMax)])
  const columns = head.record.map(columnOf)
  const faults = faultsOfHead(head.record, columns)
  if (faults.length > 0) return { rows: [], faults }
  return rowsOf(rows, columns as ImportColumn[])
}

const columnOf = (head: string): ImportColumn | undefined =>
  names.find((name) => importColumns[name] === head || name.toLowerCase() === head.toLowerCase())

function faultsOfHead(heads: string[], columns: (ImportColumn | undefined)[]): ImportFault[] {
  const all = Object.values(importColumns)
  return [
    ...heads.flatMap((column, i): ImportFault[] => {
      const found = columns[i]
      if (!found) return [{ line: 1, column: column.slice(0, 40), is: 'unknown-column', instead: all }]
      return columns.indexOf(found) < i ? [{ line: 1, column, is: 'repeated-column', instead: [] }] : []
    }),
    ...columnsNeeded
      .filter((needed) => !columns.includes(needed))
      .map((needed): ImportFault => ({ line: 1, column: importColumns[needed], is: 'missing-column', instead: [] })),
  ]
}

function rowsOf(lines: { record: string[]; info: { lines: number } }[], columns: ImportColumn[]): ImportRead {
  const read: ImportRead = { rows: [], faults: [] }
  for (const { record, info } of lines) {
    const line = lineOf(record, info.lines)
    const cells = Object.fromEntries(names.map((name) => [name, asTyped(record[columns.indexOf(name)] ?? '')]))
    if (record.slice(columns.length).some((cell) => cell !== ''))
      read.faults.push({ line, column: '', is: 'too-many-cells', instead: ['"…"'] })
    else read.rows.push({ line, cells: cells as ImportRow['cells'] })
  }
  return read
}

/** Where it begins: the parser says where it ends, and a quoted cell may have several lines. */
const lineOf = (record: string[], end: number): number => end - (record.join('').match(/\r\n|\n|\r/g)?.length ?? 0)
