import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { queueRoutes } from '../../server/contracts/queue.ts'
import { call } from '../lib/api.ts'
import { named } from '../lib/i18n.ts'
import { useCatalogue } from './triage.tsx'

/** Names for the ids that facts carry. */
export function usePeople() {
  const { i18n } = useTranslation()
  const items = useCatalogue()
  const { data } = useQuery({ queryKey: ['presence'], queryFn: () => call(queueRoutes.presence), staleTime: 10_000 })
  return {
    nameOf: (id: unknown): string => data?.items.find((one) => one.id === id)?.name ?? '',
    serviceName(code: string): string {
      const item = items.find((one) => one.code === code)
      return item ? named(item, i18n.language) : code
    },
    answerText(code: string, questionId: string, answerId: string): { question: string; answer: string } {
      const question = items.find((one) => one.code === code)?.questions.find((one) => one.id === questionId)
      const answer = question?.answers.find((one) => one.id === answerId)
      const text = (one: { text: string; textEn: string } | undefined, id: string) =>
        one ? (i18n.language === 'en' ? one.textEn : one.text).replace(/[?\uff1f]$/, '') : id
      return { question: text(question, questionId), answer: text(answer, answerId) }
    },
  }
}
