/** What lies over the page: our dialogs, and the drawers and questions of antd, in the order in which they were opened. */
const inFront = 'dialog[open], [role=dialog], [role=alertdialog]'
const shown = (element: Element): boolean => element.getClientRects().length > 0

const fronts = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(inFront)].filter(shown)

/** A dialog or drawer is in front: the page behind it must not act on what is pressed there. */
export const dialogOpen = (): boolean => fronts().length > 0

/**
 * The layer that has the person now. A browser makes everything outside a modal dialog deaf, and a drawer takes the focus
 * back from whatever is not in it: what rings must live inside.
 */
export function frontLayer(): HTMLElement {
  const all = fronts()
  return all.findLast((one) => one.matches(':modal')) ?? all.at(-1) ?? document.body
}

const closers = new Set<() => void>()

/** Registers what is to be put away when somebody who rang is answered; what was typed in it must be kept by `put`. */
export function onWayCleared(put: () => void): () => void {
  closers.add(put)
  return () => void closers.delete(put)
}

/** Somebody was answered: nothing lies over their incident. */
export function clearTheWay(): void {
  for (const put of [...closers]) put()
}
