import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { z } from 'zod'
import { dispatchRoutes as api } from '../../server/contracts/dispatch.ts'
import { call } from '../lib/api.ts'
import { useSecond } from '../lib/clock.ts'
import { useAreas } from '../lib/session.ts'
import { Empty, ErrorNote, When } from '../ui/marks.tsx'
import { Telephone } from '../ui/telephone.tsx'
import { type Due, dueOf } from './due.ts'

type Result = 'satisfied' | 'not-satisfied' | 'not-reached' | 'arranged'
/** What can come of it: a satisfaction call is answered, a pattern of presses is looked into. */
const resultsOf = (kind: string): Result[] =>
  kind === 'press-pattern' ? ['arranged', 'not-reached'] : ['satisfied', 'not-satisfied', 'not-reached']

/** Calls that were promised, most overdue first. */
export function FollowUpsPage() {
  const { t } = useTranslation()
  const client = useQueryClient()
  const { data, error } = useQuery({
    queryKey: ['follow-ups'],
    queryFn: () => call(api.followUps, { query: { limit: 100 } }),
    refetchInterval: 30_000,
  })
  const complete = useMutation({
    mutationFn: ({ id, result }: { id: string; result: Result }) =>
      call(api.completeFollowUp, { params: { id }, body: { result } }),
    onSettled: () => void client.invalidateQueries({ queryKey: ['follow-ups'] }),
  })
  const second = useSecond()
  const items = data?.items ?? []
  const groups = (['overdue', 'today', 'later'] as const).map((due) => ({
    due,
    items: items.filter((one) => dueOf(one.dueAt, second * 1000) === due),
  }))
  const row = (one: FollowUp) => (
    <Row
      key={one.id}
      one={one}
      due={dueOf(one.dueAt, second * 1000)}
      say={(result) => complete.mutate({ id: one.id, result })}
    />
  )
  return (
    <div className="page-inner">
      <div className="spread">
        <h1>{t('shell.place.followUps')}</h1>
      </div>
      {(error ?? complete.error) && <ErrorNote error={error ?? complete.error} />}
      {data?.items.length === 0 && <Empty title={t('followUp.none')}>{t('followUp.noneHint')}</Empty>}
      {groups.map(({ due, items: own }) =>
        own.length === 0 ? null : due === 'later' ? (
          <details key={due} style={{ marginTop: 14 }} open={own.length === items.length}>
            <summary className="section-title">{t('followUp.due.later', { n: own.length })}</summary>
            <ul className="stack">{own.map(row)}</ul>
          </details>
        ) : (
          <section key={due} style={{ marginTop: 14 }}>
            <h2 className="section-title">{t(`followUp.due.${due}`, { n: own.length })}</h2>
            <ul className="stack">{own.map(row)}</ul>
          </section>
        ),
      )}
    </div>
  )
}

type FollowUp = z.output<typeof api.followUps.reply>['items'][number]

function Row({ one, due, say }: { one: FollowUp; due: Due; say: (result: Result) => void }) {
  const { t } = useTranslation()
  const { lineOf } = useAreas()
  return (
    <li className="card follow-up">
      <span className="stack" style={{ gap: 2 }}>
        <span className="row">
          <strong>{one.residentName}</strong>
          {one.phone ? <Telephone number={one.phone} /> : <span className="muted">{t('followUp.noNumber')}</span>}
          <span className="muted">{lineOf(one.areaId)}</span>
        </span>
        <span className="row">
          <span>{t(`words.kind.${one.incidentKind}`)}</span>
          {one.disposition && <span className="chip">{t(`words.disposition.${one.disposition}`)}</span>}
          <Link to="/" search={{ incident: one.incidentId }} className="num">
            #{one.incidentNumber}
          </Link>
          <span className="muted">
            {t(`words.followUp.${one.kind}`)} · <When at={one.dueAt} />
          </span>
          {due === 'overdue' && <span className="chip red">{t('followUp.overdue')}</span>}
        </span>
      </span>
      <span className="row">
        {resultsOf(one.kind).map((result) => (
          <button type="button" className="btn" key={result} onClick={() => say(result)}>
            {t(`words.followUpResult.${result}`)}
          </button>
        ))}
      </span>
    </li>
  )
}
