import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { z } from 'zod'
import { dispatchRoutes as api } from '../../server/contracts/dispatch.ts'
import { call } from '../lib/api.ts'
import { useSecond } from '../lib/clock.ts'
import { useEscape } from '../lib/keys.ts'
import { useAreas } from '../lib/session.ts'
import { Empty, ErrorNote, When } from '../ui/marks.tsx'
import { Telephone } from '../ui/telephone.tsx'
import { type Due, dueOf } from './due.ts'

type Result = 'satisfied' | 'not-satisfied' | 'not-reached' | 'arranged'
/** What can come of it: a satisfaction call is answered, a pattern of presses is looked into. */
const resultsOf = (kind: string): Result[] =>
  kind === 'press-pattern' || kind === 'tell-family'
    ? ['arranged', 'not-reached']
    : ['satisfied', 'not-satisfied', 'not-reached']

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
    mutationFn: ({ id, result, note }: Said & { id: string }) =>
      call(api.completeFollowUp, { params: { id }, body: { result, note } }),
    onSuccess: (told, said) => setSaid({ ...said, ...told }),
    onSettled: () => void client.invalidateQueries({ queryKey: ['follow-ups'] }),
  })
  const [said, setSaid] = useState<JustSaid>()
  const undo = useMutation({
    mutationFn: (id: string) => call(api.undoFollowUp, { params: { id }, body: {} }),
    onSuccess: () => setSaid(undefined),
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
      say={(said) => complete.mutate({ id: one.id, ...said })}
    />
  )
  return (
    <div className="page-inner">
      <div className="spread">
        <h1>{t('shell.place.followUps')}</h1>
      </div>
      {(error ?? complete.error ?? undo.error) && <ErrorNote error={error ?? complete.error ?? undo.error} />}
      {said && Date.parse(said.undoUntil) > second * 1000 && (
        <p className="row" role="status">
          {t('followUp.said', { result: t(`words.followUpResult.${said.result}`) })}
          {said.byCloser && <span className="chip amber">{t('followUp.byCloser')}</span>}
          {said.linkedIncidentId && (
            <Link to="/" search={{ incident: said.linkedIncidentId }}>
              {t('followUp.linked', { number: said.linkedNumber })}
            </Link>
          )}
          <button type="button" className="btn quiet" disabled={undo.isPending} onClick={() => undo.mutate(said.id)}>
            {t('followUp.undo')}
          </button>
        </p>
      )}
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

type Said = { result: Result; note: string }
type JustSaid = Said & { id: string } & z.output<typeof api.completeFollowUp.reply>
type FollowUp = z.output<typeof api.followUps.reply>['items'][number]

function Row({ one, due, say }: { one: FollowUp; due: Due; say: (said: Said) => void }) {
  const { t } = useTranslation()
  const { lineOf } = useAreas()
  const [complaint, setComplaint] = useState(false)
  return (
    <li className="card follow-up">
      <span className="stack" style={{ gap: 2 }}>
        <span className="row">
          <strong>{one.residentName}</strong>
          {one.contactName && <span>→ {one.contactName}</span>}
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
          {one.closedByMe && <span className="chip amber">{t('followUp.closedByMe')}</span>}
          {due === 'overdue' && <span className="chip red">{t('followUp.overdue')}</span>}
        </span>
      </span>
      <span className="row">
        {resultsOf(one.kind).map((result) => (
          <button
            type="button"
            className={`btn ${result === 'not-satisfied' && complaint ? 'on' : ''}`}
            key={result}
            onClick={() => (result === 'not-satisfied' ? setComplaint(!complaint) : say({ result, note: '' }))}
          >
            {t(`words.followUpResult.${result}`)}
          </button>
        ))}
      </span>
      {complaint && <Complaint say={say} done={() => setComplaint(false)} />}
    </li>
  )
}

/** What was not all right: a matter is opened from it, so it is written before it is sent. */
function Complaint({ say, done }: { say: (said: Said) => void; done: () => void }) {
  const { t } = useTranslation()
  useEscape(done)
  return (
    <form
      className="row"
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault()
        say({ result: 'not-satisfied', note: String(new FormData(event.currentTarget).get('note')) })
      }}
    >
      <input
        className="field"
        style={{ flex: 1, minWidth: 200 }}
        name="note"
        required
        maxLength={500}
        aria-label={t('followUp.note')}
        placeholder={t('followUp.note')}
        autoFocus
      />
      <button type="submit" className="btn primary">
        {t('followUp.open')}
      </button>
      <button type="button" className="btn quiet" onClick={done}>
        {t('followUp.cancel')}
      </button>
    </form>
  )
}
