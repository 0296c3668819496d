/** What a button's payload says; `press` also when it is cut off: a cut frame of a button is still a press. */
export type Payload = { press: boolean; battery: number | undefined; known: boolean; said: string }

const presses: Record<number, string> = { 1: 'short', 2: 'long', 3: 'double' }

/**
 * Milesight's type-length-value [alarm-devices.md 4.2; WS101, WS136, WS156]: channel, type, value. `01 75` battery in percent, `ff 2e` how
 * it was pressed, `ff 34` which button. What stands behind a channel that we do not know cannot be read, since only it knows its length.
 */
export function readMilesight(bytes: Buffer): Payload {
  const said: string[] = []
  let battery: number | undefined
  let press = false
  let at = 0
  const of = (n: number) => bytes[at + n]
  while (at < bytes.length) {
    const [channel, type] = [of(0), of(1)]
    if (channel === 0x01 && type === 0x75 && of(2) !== undefined) {
      battery = Math.min(1, (of(2) as number) / 100)
      at += 3
    } else if (channel === 0xff && type === 0x2e) {
      press = true
      said.push(presses[of(2) ?? 0] ?? 'press')
      at += 3
    } else if (channel === 0xff && type === 0x34) {
      press = true
      said.push(`button ${of(2) ?? '?'}`)
      at += 5
    } else if (
      channel === 0xff &&
      (type === 0x0b || type === 0x01 || type === 0x16 || type === 0x09 || type === 0x0a || type === 0x0f)
    ) {
      // What it is, told after a join.
      said.push('joined')
      at += { 11: 3, 1: 3, 22: 10, 9: 4, 10: 4, 15: 3 }[type] ?? bytes.length
    } else return { press, battery, known: false, said: [...said, `? ${bytes.subarray(at).toString('hex')}`].join(' ') }
  }
  return { press, battery, known: true, said: said.join(' ') }
}
