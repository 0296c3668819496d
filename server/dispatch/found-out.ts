import type { TriageQuestion } from '../contracts/catalogue.ts'
import type { ResponderPage } from '../contracts/dispatch.ts'
import type { Tx } from '../platform/db.ts'

type FoundOut = Pick<NonNullable<ResponderPage['place']>, 'operatorNote' | 'answers' | 'ringBack'>

/** The answers of the triage in the words of the catalogue; one whose question is gone is left out. Pure. */
export function inWords(questions: TriageQuestion[], answers: Record<string, string>): FoundOut['answers'] {
  return questions.flatMap(({ id, text, textEn, answers: choices }) => {
    const answer = choices.find((choice) => choice.id === answers[id])
    return answer ? [{ question: text, questionEn: textEn, answer: answer.text, answerEn: answer.textEn }] : []
  })
}

/** The number of the desk for this area: the nearest that is listed for it or for an area above it. */
export async function lineOf(db: Pick<Tx, 'query'>, areaPath: string): Promise<string | null> {
  const [line] = await db.query<{ number: string }>(
    `SELECT h.number FROM hotline h JOIN area ON area.id = h.area_id WHERE h.active AND $1 LIKE area.path || '%'
     ORDER BY length(area.path) DESC, h.number LIMIT 1`,
    [areaPath],
  )
  return line?.number ?? null
}

/** What the desk has found out, for the one who goes: its notes, the answers, and whom to ring back. Read only when it may be shown. */
export async function foundOut(db: Pick<Tx, 'query'>, incidentId: string): Promise<FoundOut> {
  const notes = await db.query<{ text: string }>(
    `SELECT data->>'text' AS text FROM fact WHERE incident_id = $1 AND type = 'noted' AND actor LIKE 'operator:%' ORDER BY seq`,
    [incidentId],
  )
  const [row] = await db.query<{
    answers: Record<string, string>
    questions: TriageQuestion[] | null
    operator: string | null
    areaPath: string
  }>(
    `SELECT i.answers, c.questions, o.name AS operator, i.area_path AS "areaPath"
     FROM incident i LEFT JOIN catalogue_item c ON c.code = i.catalogue_code LEFT JOIN account o ON o.id = i.owner_id
     WHERE i.id = $1`,
    [incidentId],
  )
  return {
    operatorNote: notes.map(({ text }) => text).join('\n'),
    answers: inWords(row?.questions ?? [], row?.answers ?? {}),
    ringBack: { name: row?.operator ?? null, number: row ? await lineOf(db, row.areaPath) : null },
  }
}
