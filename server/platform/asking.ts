import { AsyncLocalStorage } from 'node:async_hooks'

/** From where something is asked, and in which session; part of every row of the audit that follows from it. */
export type Asking = { address: string; session: string | undefined }

const asking = new AsyncLocalStorage<Asking>()
export const askedBy = <T>(who: Asking, run: () => T): T => asking.run(who, run)
/** Nothing for what nobody asked, such as a job. */
export const whoAsks = (): Asking | undefined => asking.getStore()
// Enough to tell sessions apart; the session's own id stays where it is.
export const shortOf = (sessionId: string): string => sessionId.slice(0, 12)
