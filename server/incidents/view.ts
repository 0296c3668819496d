import type { IncidentRow } from '../contracts/incidents.ts'
import type { RowStored } from './store.ts'

const iso = (time: Date | null): string | null => time?.toISOString() ?? null

/** The list row; nothing personal in it, so it may travel in a push. */
export function rowView(incident: RowStored): IncidentRow {
  const {
    id,
    number,
    status,
    kind,
    areaId,
    areaPath,
    language,
    signals,
    escalation,
    limitOpen,
    previousId,
    ownerId,
    claimStale,
  } = incident
  return {
    id,
    number,
    status,
    kind,
    class: incident.class,
    areaId,
    areaPath,
    language,
    queuedAt: incident.queuedAt.toISOString(),
    rankAt: incident.rankAt.toISOString(),
    signals,
    escalation,
    limitOpen,
    previousId,
    ownerId,
    claimStale,
    claimedAt: iso(incident.claimedAt),
    heldUntil: iso(incident.heldUntil),
    catalogueCode: incident.catalogueCode,
    assignmentsOpen: incident.assignmentsOpen,
    promiseAt: iso(incident.promiseAt),
    wrapUpUntil: iso(incident.wrapUpUntil),
    callBack: incident.callBack,
    ladderUntil: iso(incident.ladderUntil),
    onCallAt: iso(incident.onCallAt),
    quietUntil: iso(incident.quietUntil),
    offeredTo: incident.offeredTo,
    notTakenBy: incident.notTakenBy,
    fileClosed: incident.fileClosed,
    version: incident.version,
    seq: incident.seq,
  }
}

export const pushOf = (row: IncidentRow) => ({ id: row.id, version: row.version, seq: row.seq, row })
