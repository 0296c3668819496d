import type { CatalogueForm } from '../../server/contracts/catalogue.ts'

/** The gravest class that the service and its answers ask for; answers may raise it, never lower it. Pure. */
export function classOf(item: Pick<CatalogueForm, 'priority' | 'questions'>, answers: Record<string, string>): number {
  const raised = item.questions.flatMap((question) =>
    question.answers.filter((answer) => answers[question.id] === answer.id).flatMap((answer) => answer.priority ?? []),
  )
  return Math.min(item.priority, ...raised)
}
