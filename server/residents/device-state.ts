type State = { state: string; testExpiresAt: Date | null }

/**
 * What a device counts as now. A test that has run out is over without anybody's doing: its signals are alarms again, and
 * whoever reads "in test" on a screen would take the next one for a test.
 */
export function deviceStateAt({ state, testExpiresAt }: State, now: Date): State {
  const over = state === 'in-test' && testExpiresAt !== null && testExpiresAt <= now
  return over ? { state: 'in-service', testExpiresAt: null } : { state, testExpiresAt }
}
