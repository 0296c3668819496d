import type { CatalogueForm, TriageQuestion } from '../../server/contracts/catalogue.ts'

type Answer = TriageQuestion['answers'][number]
type Meaning = 'yes' | 'no' | 'unsure'

// By what the answer is called, since a question that was made in the console has ids without a meaning.
const words: Record<Meaning, string[]> = {
  yes: ['yes', '是', '有', '能', '会'],
  no: ['no', '否', '没有', '不能', '不会'],
  unsure: ['unsure', 'not sure', 'unclear', '说不清', '不清楚', '不确定'],
}
const meaningOf = ({ id, text, textEn }: Answer): Meaning | undefined =>
  (Object.keys(words) as Meaning[]).find((meaning) =>
    [id, textEn, text].some((said) => words[meaning].includes(said.trim().toLowerCase())),
  )
const digits: Record<Meaning, number> = { yes: 1, no: 2, unsure: 3 }

/**
 * The answers with their digits, in the order of the digits. A digit means one thing in every question that can be answered by
 * yes or no: 1 is yes, 2 is no, 3 is unclear, or the third `no, no, no` by habit answers the one question that is asked the
 * other way round. Other questions are numbered as they stand. Pure.
 */
export function answersByDigit(question: Pick<TriageQuestion, 'answers'>): { digit: number; answer: Answer }[] {
  const meanings = question.answers.map(meaningOf)
  const plain =
    meanings.every((one) => one !== undefined) && new Set(meanings).size === meanings.length && meanings.includes('yes')
  return question.answers
    .map((answer, i) => ({ digit: plain ? digits[meanings[i] as Meaning] : i + 1, answer }))
    .sort((a, b) => a.digit - b.digit)
}

/** An answer after which it is a matter of life, or an emergency number is advised. Pure. */
export const isGrave = (answer: Answer): boolean => answer.priority === 1 || answer.advise !== undefined

/** The service that what fired proposes; the newest signal that proposes one decides. Pure. */
export const proposedBy = <Item extends Pick<CatalogueForm, 'firedBy'>>(
  items: Item[],
  fired: string[],
): Item | undefined => {
  for (const type of fired) {
    const found = items.find((item) => (item.firedBy as string[]).includes(type))
    if (found) return found
  }
  return undefined
}
