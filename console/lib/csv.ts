// What a spreadsheet takes for a formula when it opens the file.
const formula = /^[=+\-@\t\r]/

/** RFC 4180 with the mark by which spreadsheets know UTF-8; a cell that would be a formula is a text. */
export function csvText(rows: string[][]): string {
  const cell = (text: string) => `"${(formula.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`
  return `\ufeff${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}

/** Hands a file to whoever sits here; nothing of it is kept. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
  const link = Object.assign(document.createElement('a'), { href: url, download: name })
  link.click()
  URL.revokeObjectURL(url)
}
