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
    number: string | null
  }>(
    `SELECT i.answers, c.questions, o.name AS operator, line.number
     FROM incident i LEFT JOIN catalogue_item c ON c.code = i.catalogue_code LEFT JOIN account o ON o.id = i.owner_id
     LEFT JOIN LATERAL (SELECT h.number FROM hotline h JOIN area ON area.id = h.area_id
       WHERE h.active AND i.area_path LIKE area.path || '%' ORDER BY length(area.path) DESC, h.number LIMIT 1) line ON true
     WHERE i.id = $1`,
    [incidentId],
  )
  return {
    operatorNote: notes.map(({ text }) => text).join('\n'),
    answers: inWords(row?.questions ?? [], row?.answers ?? {}),
    ringBack: { name: row?.operator ?? null, number: row?.number ?? null },
  }
}
