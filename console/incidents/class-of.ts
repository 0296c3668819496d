import type { CatalogueForm } from '../../server/contracts/catalogue.ts'

/** The gravest class that the service and its answers ask for; answers may raise it, never lower it. Pure. */
export function classOf(item: Pick<CatalogueForm, 'priority' | 'questions'>, answers: Record<string, string>): number {
  const raised = item.questions.flatMap((question) =>
    question.answers.filter((answer) => answers[question.id] === answer.id).flatMap((answer) => answer.priority ?? []),
  )
  return Math.min(item.priority, ...raised)
}

/** The emergency numbers that the answers point at, each once. Pure. */
export function adviceOf(item: Pick<CatalogueForm, 'questions'>, answers: Record<string, string>): string[] {
  const said = item.questions.flatMap((question) =>
    question.answers.flatMap((answer) => (answers[question.id] === answer.id ? (answer.advise ?? []) : [])),
  )
  return [...new Set(said)]
}

/** What speaks against ending it: nobody knows what was needed, nobody went, an emergency number was advised. Pure. */
export function missingOf(need: {
  class: number
  classified: boolean
  sent: boolean
  advice: string[]
}): ('unclassified' | 'nobody-sent' | 'advised')[] {
  return [
    ...(need.classified ? [] : (['unclassified'] as const)),
    ...(need.class === 1 && !need.sent ? (['nobody-sent'] as const) : []),
    ...(need.advice.length > 0 ? (['advised'] as const) : []),
  ]
}
