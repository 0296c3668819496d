import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { callRoutes as api, type CallView, type OutTarget } from '../../server/contracts/calls.ts'
import type { FactView, IncidentDetail } from '../../server/contracts/incidents.ts'
import { call as ask } from '../lib/api.ts'
import { useKeys } from '../lib/keys.ts'
import { useKnown } from '../lib/known.ts'
import { may, useSignedIn } from '../lib/session.ts'
import { onPush } from '../lib/socket.ts'
import { clockText, Elapsed, ErrorNote, When } from '../ui/marks.tsx'
import { ReasonForm } from '../ui/reason-form.tsx'
import { Telephone } from '../ui/telephone.tsx'
import { callState, whatItIs } from './call-words.ts'
import { Keyed } from './keyed.tsx'
import { Ladder } from './ladder.tsx'
import { apply } from './live.ts'
import { MarkNuisance } from './mark-nuisance.tsx'
import { Others } from './others.tsx'
import { RecordingPlayer } from './recording-player.tsx'
import { TextPane } from './text-pane.tsx'
import { UnitKeys } from './unit-keys.tsx'

export const callsKey = (incidentId: string) => ['incident', incidentId, 'calls']

function useCalls(incidentId: string): CallView[] {
  const client = useQueryClient()
  useEffect(
    () =>
      onPush<{ incidentId: string }>('call.changed', (push) => {
        if (push.row?.incidentId === incidentId) void client.invalidateQueries({ queryKey: callsKey(incidentId) })
      }),
    [client, incidentId],
  )
  const { data } = useQuery({
    queryKey: callsKey(incidentId),
    queryFn: () => ask(api.incidentCalls, { params: { id: incidentId } }),
  })
  return data?.items ?? []
}

/** The conversations of this incident, beside its file: the live one with who is in it, the ended ones with their recording. */
export function CallPanel({
  detail,
  facts,
  summary,
}: {
  detail: IncidentDetail
  facts: FactView[]
  /** What to say to an emergency service, shown beside the call with it. */
  summary: ReactNode
}) {
  const { t } = useTranslation()
  const me = useSignedIn()
  const { row } = detail
  const calls = useCalls(row.id)
  const live = calls.filter((call) => call.status !== 'ended')
  const ended = calls.filter((call) => call.status === 'ended')
  const mine = row.ownerId === me.id && (row.status === 'triage' || row.status === 'response')
  return (
    <section className="card stack" aria-label={t('calls.conversations')}>
      <h3>{t('calls.conversations')}</h3>
      {mine && row.callBack && <CallBack detail={detail} />}
      {live.map((call) => (
        <LiveCall key={call.id} call={call} detail={detail} mine={mine} summary={summary} />
      ))}
      {mine && live.every((call) => call.asks && !call.operatorId) && <CallOut detail={detail} />}
      {mine && detail.resident && <Ladder detail={detail} facts={facts} />}
      {ended.map((call) => (
        <EndedCall key={call.id} call={call} />
      ))}
      {calls.length === 0 && !mine && <p className="muted">{t('calls.none')}</p>}
    </section>
  )
}

function Whose({ call }: { call: CallView }) {
  const { t } = useTranslation()
  const known = useKnown()
  const asked = call.asks && call.legs.find((leg) => leg.side === 'caller')?.label
  if (call.number && !call.unit)
    return (
      <>
        {asked && <strong>{asked}</strong>}
        <Telephone number={call.number} />
        {call.verified === false && <span className="chip amber">{t('calls.unverified')}</span>}
      </>
    )
  if (call.unit)
    return (
      <strong>
        {t(`words.device.${call.unit.kind}`)} {known(call.unit.room)}
      </strong>
    )
  return (
    <span className={call.withheld ? 'chip amber' : 'muted'}>
      {t(call.withheld ? 'calls.withheld' : 'calls.kiosk')}
    </span>
  )
}

function LiveCall({
  call,
  detail,
  mine,
  summary,
}: {
  call: CallView
  detail: IncidentDetail
  mine: boolean
  summary: ReactNode
}) {
  const { t } = useTranslation()
  const me = useSignedIn()
  const talks = call.operatorId === me.id && (call.status === 'answered' || call.status === 'held')
  return (
    <div className="stack live-call">
      <div className="row">
        <span className="chip accent">{t(whatItIs(call))}</span>
        <strong>{t(callState(call))}</strong>
        <Whose call={call} />
        <Elapsed since={call.heldAt ?? call.answeredAt ?? call.offeredAt} />
      </div>
      {call.legs
        .filter((leg) => leg.side === 'listener' && leg.status === 'up' && leg.mode)
        .map((leg) => (
          <span className="chip" key={leg.legId}>
            {t(`calls.supervise.there.${leg.mode}`, { name: leg.label })}
          </span>
        ))}
      {call.medium === 'voice' && call.direction === 'in' && !call.unit && <Keyed call={call} talks={talks} />}
      {talks && call.unit?.commands && <UnitKeys call={call} />}
      {talks && call.medium === 'voice' && <Others call={call} detail={detail} summary={summary} />}
      {call.medium === 'text' && <TextPane call={call} writes={talks} mine={mine} />}
    </div>
  )
}

/** Rings the resident, or the number that called; the operator's line is connected when they pick up. */
function CallOut({ detail }: { detail: IncidentDetail }) {
  const { t } = useTranslation()
  const known = useKnown()
  const client = useQueryClient()
  const out = useMutation({
    mutationFn: (to: OutTarget) => ask(api.callOut, { params: { id: detail.row.id }, body: { to } }),
    onSuccess: (call) => {
      apply(call)
      void client.invalidateQueries({ queryKey: callsKey(detail.row.id) })
    },
  })
  const resident = () => out.mutate({ resident: true })
  const [unit] = detail.units
  const toUnit = detail.row.callBack === 'unit-silent' || detail.row.callBack === 'unit-asked'
  const first = () => unit && out.mutate({ unit: unit.deviceId })
  useKeys([
    { key: 'p', does: 'keys.callResident', run: resident },
    ...(unit ? [{ key: 'Shift+U', does: 'keys.callUnit', run: first }] : []),
  ])
  return (
    <div className="stack" style={{ gap: 6 }}>
      <div className="row">
        <button type="button" className="btn" disabled={out.isPending} onClick={resident}>
          {t('calls.callResident')} <kbd>P</kbd>
        </button>
        {detail.units.map(({ deviceId, kind, room }, i) => (
          <button
            type="button"
            className={`btn ${toUnit ? 'primary' : ''}`}
            key={deviceId}
            disabled={out.isPending}
            onClick={() => out.mutate({ unit: deviceId })}
          >
            {t('calls.callUnit', { kind: t(`words.device.${kind}`), room })} {i === 0 && <kbd>⇧U</kbd>}
          </button>
        ))}
        {detail.resident?.contacts.slice(0, 3).map((contact) => (
          <button
            type="button"
            className="btn quiet"
            key={contact.id}
            disabled={out.isPending}
            onClick={() => out.mutate({ contactId: contact.id })}
          >
            {t('calls.callContact', { name: contact.name, relation: known(contact.relation) })}
          </button>
        ))}
      </div>
      {unit?.number && toUnit && <Telephone number={unit.number} />}
      {out.error && <ErrorNote error={out.error} />}
    </div>
  )
}

/** They gave up waiting, or were cut off: called back, or said how it was settled another way. */
function CallBack({ detail }: { detail: IncidentDetail }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const done = useMutation({
    mutationFn: (reason: string) => ask(api.calledBack, { params: { id: detail.row.id }, body: { reason } }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['incident', detail.row.id] }),
  })
  return (
    <div className="stack call-back" style={{ gap: 6 }}>
      <strong className="chip red" role="alert">
        {t(`calls.callBack.${detail.row.callBack}`)}
      </strong>
      <ReasonForm
        ask={t('calls.settledHow')}
        button={t('calls.settled')}
        run={done.mutate}
        pending={done.isPending}
        error={done.error}
      />
    </div>
  )
}

function EndedCall({ call }: { call: CallView }) {
  const { t } = useTranslation()
  const me = useSignedIn()
  const talkedMs = call.answeredAt && call.endedAt ? Date.parse(call.endedAt) - Date.parse(call.answeredAt) : 0
  return (
    <div className="stack ended-call">
      <div className="row">
        <span className="chip">{t(whatItIs(call))}</span>
        <Whose call={call} />
        <When at={call.offeredAt} />
        <span className={call.endedBecause === 'hung-up' ? 'muted' : 'chip amber'}>{t(callState(call))}</span>
        {call.rating && (
          <span className={`chip ${call.rating === 3 ? 'amber' : ''}`}>{t(`calls.rating.${call.rating}`)}</span>
        )}
        {talkedMs > 0 && <span className="num muted">{clockText(talkedMs)}</span>}
      </div>
      {call.medium === 'text' && <TextPane call={call} writes={false} mine={false} />}
      {call.direction === 'in' && call.number && may(me, 'supervise') && <MarkNuisance callId={call.id} />}
      {call.recordings
        .filter((recording) => recording.expiresAt !== null)
        .map((recording) => (
          <RecordingPlayer key={recording.id} recording={recording} />
        ))}
    </div>
  )
}
