import { isFamily } from '../contracts/known-words.ts'
import type { Disposition } from '../contracts/vocabulary.ts'
import { changeIncident, commitFacts } from '../incidents/change.ts'
import { actorOf, type Fact } from '../incidents/model.ts'
import { load, lock, type Stored } from '../incidents/store.ts'
import type { Caller } from '../platform/caller.ts'
import type { Tx } from '../platform/db.ts'
import { enqueue } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'
import { deliver } from './deliver.ts'
import { noteFamilyUntold } from './family-untold.ts'
import { lineOf } from './found-out.ts'
import { familyText } from './texts.ts'

/** Something happened to them, and it was grave: a wrong press or an everyday wish is theirs alone. */
const toldAfter: (Disposition | null)[] = [
  'helped-on-site',
  'helped-by-phone',
  'handed-to-120',
  'handed-to-110',
  'handed-to-119',
  'could-not-reach',
]
const graveMax = 2
export const isToldOf = ({ class: grave, disposition }: Pick<Stored, 'class' | 'disposition'>): boolean =>
  grave <= graveMax && toldAfter.includes(disposition)

type Contact = { id: string; relation: string; phone: string; name: string; language: string; consents: boolean }

const contactsOf = (tx: Pick<Tx, 'query'>, residentId: string | null): Promise<Contact[]> =>
  tx.query<Contact>(
    `SELECT c.id, c.relation, c.phone, coalesce(nullif(r.name_to_use, ''), r.name) AS name, coalesce(r.languages[1], 'zh') AS language,
       r.family_consent AS consents
     FROM resident r LEFT JOIN contact c ON c.resident_id = r.id WHERE r.id = $1 ORDER BY c.position`,
    [residentId],
  )

/**
 * Tells the family once, when the resident has agreed to it: the messages are rows of this transaction, and by whom and when
 * stands in the timeline with them. Says why when there is nobody to tell.
 */
async function tell(parts: Parts, tx: Tx, incident: Stored, actor: string): Promise<Fact[] | Refusal> {
  const contacts = await contactsOf(tx, incident.residentId)
  if (!contacts[0]?.consents)
    return refuse('no-family-consent', 'They have not agreed that their family is told. Ask them first.')
  // Told while it was going on, they are told once more what came of it.
  const told = await tx.query(
    `SELECT 1 FROM fact WHERE incident_id = $1 AND type = 'family-told' AND ($2::text IS NULL OR data->>'outcome' IS NOT NULL) LIMIT 1`,
    [incident.id, incident.disposition],
  )
  if (told.length > 0) return []
  const family = contacts.filter(({ id, relation }) => id && isFamily(relation))
  if (family.length === 0) return refuse('no-family', 'None of the contacts is family. Ring whoever shall know.')
  const data = { contactIds: family.map(({ id }) => id), outcome: incident.disposition }
  return [{ at: parts.clock.now(), actor, type: 'family-told', data }]
}

/** Sends what the timeline says they are told. The rows are there once, however often this comes; what does not arrive is rung. */
async function send(parts: Parts, incidentId: string): Promise<void> {
  const incident = await load(parts.db, incidentId)
  const [told] = await parts.db.query<{ contactIds: string[]; outcome: Disposition | null }>(
    `SELECT data->'contactIds' AS "contactIds", data->>'outcome' AS outcome FROM fact WHERE incident_id = $1 AND type = 'family-told' ORDER BY seq DESC LIMIT 1`,
    [incidentId],
  )
  if (!incident || !told) return
  const line = await lineOf(parts.db, incident.areaPath)
  for (const { id, phone, name, language } of await contactsOf(parts.db, incident.residentId)) {
    if (!told.contactIds.includes(id)) continue
    const text = familyText({ language, name, at: incident.openedAt, outcome: told.outcome, line })
    const status = await deliver(parts, { phone, text, about: `family:${incidentId}:${id}` })
    if (status === 'no-carrier') await noteFamilyUntold(parts, incidentId, id, status)
  }
}

/** By the hand of whoever has it, while it is still going on. */
export function tellFamilyNow(parts: Parts, caller: Caller, id: string): Promise<Stored | Refusal> {
  return changeIncident(parts, {
    id,
    inScope: (path) => caller.may('handle-incident', path),
    decide: async (incident, tx) => {
      if (incident.ownerId !== caller.id) return refuse('not-owner', 'A colleague has it. Take it over first.')
      const facts = await tell(parts, tx, incident, actorOf.operator(caller.id))
      if ('refused' in facts) return facts
      if (facts.length > 0) await enqueue(tx, 'tell-family', id, parts.clock.now())
      return { facts }
    },
  })
}

/** Sends what was decided by hand, and after closure tells them once: nothing when it was told before, when they have not agreed, or when nothing grave happened. */
export async function tellFamily(parts: Parts, incidentId: string): Promise<void> {
  await parts.db.transaction(async (tx) => {
    const incident = await lock(tx, incidentId)
    if (incident?.status !== 'closed' || !isToldOf(incident)) return
    const [closed] = await tx.query<{ actor: string }>(
      `SELECT actor FROM fact WHERE incident_id = $1 AND type = 'closed' ORDER BY seq DESC LIMIT 1`,
      [incidentId],
    )
    const facts = await tell(parts, tx, incident, closed?.actor ?? actorOf.system)
    if (!('refused' in facts)) await commitFacts(parts, tx, incident, facts)
  })
  await send(parts, incidentId)
}
