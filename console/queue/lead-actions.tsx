import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { callRoutes } from '../../server/contracts/calls.ts'
import { type IncidentRow, incidentRoutes } from '../../server/contracts/incidents.ts'
import { queueRoutes } from '../../server/contracts/queue.ts'
import { call } from '../lib/api.ts'
import { board } from '../lib/board.ts'
import { useAreas, useSignedIn } from '../lib/session.ts'
import { ErrorNote } from '../ui/marks.tsx'
import { Telephone } from '../ui/telephone.tsx'
import { dropOffersOf } from './live.ts'

type Act = 'take' | 'ring' | { assignTo: string }

/**
 * What a leader can do with an incident that nobody helps: take it, take it and ring the resident, let it ring at an operator of
 * their choice, ring the on-call telephone. Assigning takes it first, so it is somebody's until the operator has accepted.
 */
export function LeadActions({ row, phones = [] }: { row: IncidentRow; phones?: string[] }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const navigate = useNavigate()
  const me = useSignedIn()
  const { areas } = useAreas()
  const [choosing, setChoosing] = useState(false)
  const [reason, setReason] = useState('')
  const mine = row.ownerId === me.id
  const waits = row.status === 'waiting'
  const params = { id: row.id }
  const act = useMutation({
    mutationFn: async (what: Act) => {
      if (waits) board.apply(await call(incidentRoutes.answer, { params, body: {} }))
      else if (!mine) board.apply(await call(incidentRoutes.takeOver, { params, body: { reason } }))
      dropOffersOf(row.id)
      if (what === 'ring') await call(callRoutes.callOut, { params, body: { to: { resident: true } } })
      if (typeof what === 'object')
        board.apply(
          await call(incidentRoutes.transfer, {
            params,
            body: { operatorId: what.assignTo, reason: t('alerts.assigned') },
          }),
        )
    },
    // A colleague who was faster, or a telephone that does not ring, is said here; what was taken is open.
    onSettled: (_, error, what) => {
      void client.invalidateQueries({ queryKey: ['alerts'] })
      void client.invalidateQueries({ queryKey: ['incident', row.id] })
      if (!error && typeof what === 'string') void navigate({ to: '/', search: { incident: row.id } })
    },
  })
  const numbers = [...new Set([...phones, ...onCallOf(areas, row.areaPath)])]
  return (
    <div className="row lead-actions">
      {!waits && !mine && !row.claimStale && (
        <input
          className="field"
          style={{ width: 180 }}
          maxLength={200}
          aria-label={t('incident.reason')}
          placeholder={t('incident.reason')}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      )}
      {!mine && (
        <button
          type="button"
          className={`btn ${waits ? 'primary' : ''}`}
          disabled={act.isPending}
          onClick={() => act.mutate('take')}
        >
          {t(waits ? 'board.take' : 'incident.takeOver')}
        </button>
      )}
      {waits && (
        <button type="button" className="btn" disabled={act.isPending} onClick={() => act.mutate('ring')}>
          {t('alerts.takeAndRing')}
        </button>
      )}
      <button type="button" className="btn" aria-expanded={choosing} onClick={() => setChoosing(!choosing)}>
        {t('alerts.assign')}
      </button>
      {numbers.length > 0 && (
        <span className="row">
          <span className="muted">{t('alerts.onCall')}</span>
          {numbers.map((number) => (
            <Telephone key={number} number={number} />
          ))}
        </span>
      )}
      {choosing && <Operators pending={act.isPending} choose={(assignTo) => act.mutate({ assignTo })} />}
      {act.isSuccess && typeof act.variables === 'object' && (
        <span className="chip green" role="status">
          {t('alerts.ringsThere')}
        </span>
      )}
      {act.error && <ErrorNote error={act.error} />}
    </div>
  )
}

/** The number that the nearest area above names. */
function onCallOf(areas: { path: string; onCallPhone: string | null }[], path: string): string[] {
  const nearest = areas
    .filter((area) => area.onCallPhone && path.startsWith(area.path))
    .sort((a, b) => b.path.length - a.path.length)[0]?.onCallPhone
  return nearest ? [nearest] : []
}

/** Whoever sits at a console that is alive, the freest first. */
function Operators({ choose, pending }: { choose: (id: string) => void; pending: boolean }) {
  const { t } = useTranslation()
  const me = useSignedIn()
  const { data } = useQuery({ queryKey: ['presence'], queryFn: () => call(queueRoutes.presence), staleTime: 1_000 })
  const there = (data?.items ?? [])
    .filter((one) => one.live && one.status === 'available' && one.id !== me.id)
    .sort((a, b) => a.owned - b.owned)
  return (
    <fieldset className="row lead-operators" aria-label={t('alerts.assign')}>
      {there.length === 0 && <span className="muted">{t('incident.noColleague')}</span>}
      {there.map((one) => (
        <button type="button" className="btn" key={one.id} disabled={pending} onClick={() => choose(one.id)}>
          {one.name} <span className="muted num">{t('alerts.has', { n: one.owned })}</span>
        </button>
      ))}
    </fieldset>
  )
}
