import { useSyncExternalStore } from 'react'

/** How somebody is in touch about an incident: by voice, or in writing, which may be because they cannot hear or speak. */
export type Medium = 'voice' | 'text'

let media = new Map<string, Medium>()
const watchers = new Set<() => void>()

/** Told by the calls of the area whenever they change. Writing goes before a voice: it says how to answer. */
export function tellMedia(calls: { incidentId: string; medium: Medium }[]): void {
  const next = new Map<string, Medium>()
  for (const { incidentId, medium } of calls) if (next.get(incidentId) !== 'text') next.set(incidentId, medium)
  if (next.size === media.size && [...next].every(([id, medium]) => media.get(id) === medium)) return
  media = next
  for (const tell of watchers) tell()
}

export const useMedium = (incidentId: string | undefined): Medium | undefined =>
  useSyncExternalStore(
    (tell) => {
      watchers.add(tell)
      return () => watchers.delete(tell)
    },
    () => (incidentId ? media.get(incidentId) : undefined),
  )

/** The word for what came in: a conversation in writing is no telephone call. */
export const kindWord = (kind: string, medium: Medium | undefined): string =>
  kind === 'call' && medium === 'text' ? 'words.kind.writing' : `words.kind.${kind}`
