import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { callRoutes as api, type CallRow } from '../../server/contracts/calls.ts'
import { type IncidentRow, incidentRoutes } from '../../server/contracts/incidents.ts'
import { call as ask } from '../lib/api.ts'
import { board } from '../lib/board.ts'
import { may, useAreas, useSignedIn } from '../lib/session.ts'
import { onPush } from '../lib/socket.ts'
import { ClassBadge, Elapsed, ErrorNote, When } from '../ui/marks.tsx'
import { callState, canBeHeard, whatItIs } from './call-words.ts'
import { Supervise } from './supervise.tsx'
import './calls.css'

/** Who must be called back, who is on the line now, and who called in vain: each row opens its incident. */
export function CallsPage() {
  const { t } = useTranslation()
  const client = useQueryClient()
  useEffect(() => onPush('call.changed', () => void client.invalidateQueries({ queryKey: ['calls'] })), [client])
  const backs = useQuery({ queryKey: ['calls', 'backs'], queryFn: () => ask(api.callBacks), refetchInterval: 15_000 })
  const live = useQuery({
    queryKey: ['calls', 'live'],
    queryFn: () => ask(api.calls, { query: { live: 'true', limit: 100 } }),
    refetchInterval: 15_000,
  })
  const missed = useQuery({
    queryKey: ['calls', 'missed'],
    queryFn: () => ask(api.calls, { query: { missed: 'true', limit: 50 } }),
  })
  const error = backs.error ?? live.error ?? missed.error
  return (
    <div className="page-inner stack calls-page">
      <h1>{t('shell.place.calls')}</h1>
      {error && <ErrorNote error={error} />}
      <section className="card stack">
        <h2>{t('calls.page.backs')}</h2>
        {backs.data?.items.length === 0 && <p className="muted">{t('calls.page.noBacks')}</p>}
        {backs.data?.items.map((row) => (
          <Row key={row.id} row={row}>
            <span className="chip red">{t(`calls.callBack.${row.callBack}`)}</span>
            <Elapsed since={row.queuedAt} />
            {row.status === 'waiting' && <Take row={row} />}
          </Row>
        ))}
      </section>
      <section className="card stack">
        <h2>{t('calls.page.live')}</h2>
        {live.data?.items.length === 0 && <p className="muted">{t('calls.page.noLive')}</p>}
        {live.data?.items.map((call) => (
          <Line key={call.id} call={call} />
        ))}
      </section>
      <section className="card stack">
        <h2>{t('calls.page.missed')}</h2>
        {missed.data?.items.length === 0 && <p className="muted">{t('calls.page.noMissed')}</p>}
        {missed.data?.items.map((call) => (
          <Line key={call.id} call={call} />
        ))}
      </section>
    </div>
  )
}

function Line({ call }: { call: CallRow & { row: IncidentRow } }) {
  const { t } = useTranslation()
  const me = useSignedIn()
  return (
    <Row row={call.row}>
      <span className="chip">{t(whatItIs(call))}</span>
      <span>{t(callState(call))}</span>
      {canBeHeard(call) && call.operatorId !== me.id && may(me, 'supervise') && <Supervise call={call} />}
      {call.endedAt ? <When at={call.endedAt} /> : <Elapsed since={call.answeredAt ?? call.offeredAt} />}
    </Row>
  )
}

function Row({ row, children }: { row: IncidentRow; children: React.ReactNode }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { lineOf } = useAreas()
  return (
    <div className="row calls-row">
      <ClassBadge value={row.class} />
      <button
        type="button"
        className="btn quiet"
        onClick={() => void navigate({ to: '/', search: { incident: row.id } })}
      >
        {t(`words.kind.${row.kind}`)} #{row.number}
      </button>
      <span className="chip accent">{t(`words.status.${row.status}`)}</span>
      {children}
      <span className="grow" />
      <span className="muted">{lineOf(row.areaId)}</span>
    </div>
  )
}

/** Takes the incident: its file opens with the number, and P calls back. */
function Take({ row }: { row: IncidentRow }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const take = useMutation({
    mutationFn: () => ask(incidentRoutes.answer, { params: { id: row.id }, body: {} }),
    onSuccess: (taken) => {
      board.apply(taken)
      void navigate({ to: '/', search: { incident: row.id } })
    },
  })
  return (
    <>
      <button type="button" className="btn primary" disabled={take.isPending} onClick={() => take.mutate()}>
        {t('calls.takeBack')}
      </button>
      {take.error && <ErrorNote error={take.error} />}
    </>
  )
}
