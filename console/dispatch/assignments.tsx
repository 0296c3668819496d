import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { callRoutes } from '../../server/contracts/calls.ts'
import { dispatchRoutes as api } from '../../server/contracts/dispatch.ts'
import type { AssignmentView, IncidentDetail } from '../../server/contracts/incidents.ts'
import { call } from '../lib/api.ts'
import { useKeys } from '../lib/keys.ts'
import { clockText, ErrorNote, useLeft, When } from '../ui/marks.tsx'
import { Telephone } from '../ui/telephone.tsx'

const order = ['requested', 'accepted', 'en-route', 'on-scene', 'cleared'] as const
const openStatuses = ['requested', 'accepted', 'en-route', 'on-scene']
type Report = 'accept' | 'decline' | 'en-route' | 'on-scene' | 'done'
const nextReports: Record<string, Report[]> = {
  requested: ['accept', 'decline'],
  accepted: ['en-route', 'on-scene'],
  'en-route': ['on-scene'],
  'on-scene': ['done'],
}

/** Who was asked, who goes, where they are on the way; what they said by telephone can be entered for them. */
export function Assignments({ detail }: { detail: IncidentDetail }) {
  const { t } = useTranslation()
  const list = [...detail.assignments].sort(
    (a, b) => Number(openStatuses.includes(b.status)) - Number(openStatuses.includes(a.status)),
  )
  return (
    <section className="card" aria-label={t('dispatch.assignments')}>
      <h3>{t('dispatch.assignments')}</h3>
      {list.map((assignment) => (
        <Assignment key={assignment.id} assignment={assignment} incidentId={detail.row.id} />
      ))}
    </section>
  )
}

function Assignment({ assignment, incidentId }: { assignment: AssignmentView; incidentId: string }) {
  const { t, i18n } = useTranslation()
  const client = useQueryClient()
  const again = { onSettled: () => void client.invalidateQueries({ queryKey: ['incident', incidentId] }) }
  const report = useMutation({
    mutationFn: (said: Report) =>
      call(api.reportFor, {
        params: { id: assignment.id },
        body: { report: said, ...(said === 'decline' && { reason: 'other' as const }) },
      }),
    ...again,
  })
  const standDown = useMutation({
    mutationFn: () => call(api.standDown, { params: { id: assignment.id }, body: {} }),
    ...again,
  })
  const left = useLeft(assignment.expiresAt)
  const open = openStatuses.includes(assignment.status)
  const at = {
    requested: assignment.requestedAt,
    accepted: assignment.acceptedAt,
    'en-route': assignment.enRouteAt,
    'on-scene': assignment.onSceneAt,
    cleared: assignment.status === 'cleared' ? assignment.endedAt : null,
  }
  const reason = assignment.reason
    ? i18n.exists(`words.declineReason.${assignment.reason}`)
      ? t(`words.declineReason.${assignment.reason}`)
      : assignment.reason
    : ''
  return (
    <div className="assignment">
      <span className="row">
        <strong>{assignment.responderName}</strong>
        <span className="muted">{assignment.providerName ?? t(`words.responder.${assignment.responderKind}`)}</span>
        <Telephone number={assignment.phone} />
        <span className="chip">{t('dispatch.wave', { n: assignment.wave })}</span>
        {!open && (
          <span className={`chip ${assignment.status === 'cleared' ? 'green' : ''}`}>
            {t(`words.assignment.${assignment.status}`)}
          </span>
        )}
        {!open && reason && <span className="muted">{reason}</span>}
        {assignment.status === 'requested' && (
          <span className="chip accent num">{t('dispatch.answerIn', { time: clockText(left) })}</span>
        )}
        {assignment.status === 'requested' && assignment.undeliveredAt && (
          <span className="chip amber">{t('dispatch.undelivered')}</span>
        )}
        {assignment.tellWhere && <TellWhere assignment={assignment} />}
        {assignment.note && <span>{assignment.note}</span>}
      </span>
      {open && (
        <span className="row">
          {(nextReports[assignment.status] ?? []).map((next) => (
            <button
              type="button"
              className="btn"
              key={next}
              onClick={() => report.mutate(next)}
              title={t('dispatch.byPhone')}
            >
              {t(`dispatch.report.${next}`)}
            </button>
          ))}
          <button type="button" className="btn danger" onClick={() => standDown.mutate()}>
            {t('dispatch.standDown')}
          </button>
        </span>
      )}
      {(open || assignment.status === 'cleared') && (
        <div className="steps">
          {order.map((status) => (
            <span key={status} className={at[status] ? 'done' : ''}>
              {t(`words.assignment.${status}`)} {at[status] && <When at={at[status]} />}
            </span>
          ))}
        </div>
      )}
      {(report.error ?? standDown.error) && <ErrorNote error={report.error ?? standDown.error} />}
    </div>
  )
}

/** They accepted by telephone and know nothing yet: ringing them is one key for whoever has the incident. */
function TellWhere({ assignment }: { assignment: AssignmentView }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const out = useMutation({
    mutationFn: () =>
      call(callRoutes.callOut, {
        params: { id: assignment.incidentId },
        body: { to: { responderId: assignment.responderId } },
      }),
    onSettled: () => void client.invalidateQueries({ queryKey: ['incident', assignment.incidentId] }),
  })
  useKeys([{ key: 'Shift+P', does: 'keys.tellWhere', run: () => out.mutate() }])
  return (
    <>
      <strong className="chip amber">{t('dispatch.tellWhere')}</strong>
      <button type="button" className="btn primary" disabled={out.isPending} onClick={() => out.mutate()}>
        {t('dispatch.callHelper')} <kbd>⇧P</kbd>
      </button>
      {out.error && <ErrorNote error={out.error} />}
    </>
  )
}
