import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type CatalogueView, catalogueRoutes, type TriageQuestion } from '../../server/contracts/catalogue.ts'
import { incidentRoutes as api, type IncidentDetail, type IncidentRow } from '../../server/contracts/incidents.ts'
import { call } from '../lib/api.ts'
import { named } from '../lib/i18n.ts'
import { useKeys } from '../lib/keys.ts'
import { ClassBadge, ErrorNote } from '../ui/marks.tsx'
import { ReasonForm } from '../ui/reason-form.tsx'
import { answersByDigit, isGrave, proposedBy } from './answers.ts'
import { adviceOf, classOf } from './class-of.ts'
import { useCommand } from './detail.ts'

export function useCatalogue(): CatalogueView[] {
  const { data } = useQuery({
    queryKey: ['catalogue'],
    queryFn: () => call(catalogueRoutes.catalogue),
    staleTime: 300_000,
  })
  return (data?.items ?? []).filter((item) => item.active)
}

/** What is needed: first the service, by key or name; then its questions, one key an answer. */
export function Triage({ row, detail }: { row: IncidentRow; detail: IncidentDetail }) {
  const { t, i18n } = useTranslation()
  const items = useCatalogue()
  const [choosing, setChoosing] = useState(false)
  const chosen = items.find((item) => item.code === row.catalogueCode)
  type Said = { item: CatalogueView; answers: Record<string, string>; lowerBecause?: string }
  // A matter of life stays one, whatever is chosen, until somebody says why it is less.
  const classify = useCommand(({ item, answers, lowerBecause }: Said) =>
    call(api.classify, {
      params: { id: row.id },
      body: {
        catalogueCode: item.code,
        class: row.class === 1 && !lowerBecause ? 1 : classOf(item, answers),
        answers,
        lowerBecause,
      },
    }),
  )
  const pick = (item: CatalogueView) => {
    setChoosing(false)
    classify.mutate({ item, answers: item.code === row.catalogueCode ? detail.answers : {} })
  }
  const asking = !chosen || choosing
  const proposed = proposedBy(items, [...detail.alarms.map((alarm) => alarm.type), row.kind])
  useKeys(
    asking
      ? [
          ...items.slice(0, 9).map((item, i) => ({ key: String(i + 1), does: 'keys.choose', run: () => pick(item) })),
          ...(proposed ? [{ key: '0', does: 'keys.proposed', run: () => pick(proposed) }] : []),
        ]
      : [{ key: 's', does: 'keys.service', run: () => setChoosing(true) }],
  )
  return (
    <section className="card" aria-label={t('incident.triage')}>
      <h3>{t('incident.triage')}</h3>
      {chosen && row.class === 1 && classOf(chosen, detail.answers) > 1 && (
        <Lower
          to={classOf(chosen, detail.answers)}
          run={(lowerBecause) => classify.mutate({ item: chosen, answers: detail.answers, lowerBecause })}
        />
      )}
      {asking ? (
        <div className="services">
          {proposed && (
            <button type="button" className="btn primary proposed" onClick={() => pick(proposed)}>
              <kbd>0</kbd>
              <span>{t('incident.proposed', { service: named(proposed, i18n.language) })}</span>
            </button>
          )}
          {items.map((item, i) => (
            <button
              type="button"
              className={`btn ${item.code === row.catalogueCode ? 'on' : ''}`}
              key={item.code}
              onClick={() => pick(item)}
            >
              {i < 9 && <kbd>{i + 1}</kbd>}
              <span>{named(item, i18n.language)}</span>
            </button>
          ))}
        </div>
      ) : (
        <>
          <div className="row">
            <ClassBadge value={row.class} />
            <strong>{named(chosen, i18n.language)}</strong>
            <span className="muted">{t('incident.target', { n: chosen.targetMinutes })}</span>
            <button type="button" className="btn quiet" onClick={() => setChoosing(true)}>
              {t('incident.otherService')} <kbd>S</kbd>
            </button>
          </div>
          <Questions
            key={chosen.code}
            item={chosen}
            answers={detail.answers}
            answer={(answers) => classify.mutate({ item: chosen, answers })}
          />
        </>
      )}
      {classify.error && <ErrorNote error={classify.error} />}
    </section>
  )
}

function Questions({
  item,
  answers: given,
  answer,
}: {
  item: CatalogueView
  answers: Record<string, string>
  answer: (answers: Record<string, string>) => void
}) {
  const { t } = useTranslation()
  // The answers of this moment: two quick keys must not lose the first while its reply is on the way.
  const [answers, setAnswers] = useState(given)
  const say = (question: TriageQuestion, id: string) => {
    const next = { ...answers, [question.id]: id }
    setAnswers(next)
    answer(next)
  }
  const open = item.questions.find((question) => answers[question.id] === undefined)
  useKeys(
    open
      ? answersByDigit(open).map(({ digit, answer }) => ({
          key: String(digit),
          does: 'keys.answer',
          run: () => say(open, answer.id),
        }))
      : [],
  )
  const advice = adviceOf(item, answers)
  return (
    <ol className="questions">
      {item.questions.map((question) => (
        <Question
          key={question.id}
          question={question}
          chosen={answers[question.id]}
          open={question === open}
          say={(id) => say(question, id)}
        />
      ))}
      {advice.length > 0 && (
        <li className="advice" role="alert">
          {advice.map((number) => t(`incident.advise.${number}`)).join(' ')}
        </li>
      )}
    </ol>
  )
}

function Question({
  question,
  chosen,
  open,
  say,
}: {
  question: TriageQuestion
  chosen: string | undefined
  open: boolean
  say: (id: string) => void
}) {
  const { t, i18n } = useTranslation()
  const en = i18n.language === 'en'
  return (
    <li className={open ? 'question open' : 'question'}>
      <span>{en ? question.textEn : question.text}</span>
      <span className="row" style={{ gap: 6 }}>
        {answersByDigit(question).map(({ digit, answer: one }) => (
          <button
            type="button"
            key={one.id}
            className={`btn ${isGrave(one) ? 'danger' : ''} ${chosen === one.id ? 'on' : ''}`}
            aria-pressed={chosen === one.id}
            onClick={() => say(one.id)}
          >
            {open && <kbd>{digit}</kbd>}
            {en ? one.textEn : one.text}
            {isGrave(one) && (
              <span role="img" aria-label={t('incident.grave')} title={t('incident.grave')}>
                ▲
              </span>
            )}
          </button>
        ))}
      </span>
    </li>
  )
}

/** It came in as a matter of life and is not: said with a reason, which stays in the timeline. */
function Lower({ to, run }: { to: number; run: (because: string) => void }) {
  const { t } = useTranslation()
  return (
    <div style={{ marginBottom: 8 }}>
      <ReasonForm
        ask={t('incident.lowerBecause')}
        button={t('incident.lowerTo', { class: t(`words.class.${to}`) })}
        run={run}
      />
    </div>
  )
}
