/** `low` it has fallen below what its type calls low; `restored` it has risen above what its type calls well. Pure. */
export type BatteryStep = 'low' | 'restored' | undefined

/**
 * Told once when it falls below one line, and over only above another: a cell that is cold by night and warm by day would
 * otherwise be told every day. Between the two nothing changes.
 */
export function batteryStep(battery: number, lines: { low: number; restored: number }, told: boolean): BatteryStep {
  if (!told) return battery < lines.low ? 'low' : undefined
  return battery >= lines.restored ? 'restored' : undefined
}
