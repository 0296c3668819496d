/**
 * What stood in a form when somebody who rang was answered from it. In the memory of this page alone: it is somebody's file,
 * and is not left behind on the desk.
 */
const kept = new Map<string, { opening: string; values: unknown }>()

export function keepForm(name: string, opening: string, values: unknown): void {
  kept.set(name, { opening, values })
}

/** What was kept, unless the file has changed meanwhile: a colleague's change is not written over. */
export function keptForm<Values>(name: string, opening: string): Values | undefined {
  const found = kept.get(name)
  kept.delete(name)
  return found?.opening === opening ? (found.values as Values) : undefined
}

/** The session is over. */
export const forgetForms = (): void => kept.clear()
