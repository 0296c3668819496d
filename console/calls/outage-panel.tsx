import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { callRoutes } from '../../server/contracts/calls.ts'
import type { IncidentDetail } from '../../server/contracts/incidents.ts'
import { outageRoutes as api, type OutageRow, type outageResults } from '../../server/contracts/outage.ts'
import { call } from '../lib/api.ts'
import { board } from '../lib/board.ts'
import { useKeys } from '../lib/keys.ts'
import { useAreas, useSignedIn } from '../lib/session.ts'
import { onPush } from '../lib/socket.ts'
import { ClassBadge, ErrorNote, When } from '../ui/marks.tsx'
import { Telephone } from '../ui/telephone.tsx'
import { callsKey } from './call-panel.tsx'
import { apply } from './live.ts'
import './outage.css'

const pageSize = 100
const againEveryMs = 15_000
// In a storm of presses the list is asked for once in so long.
const pushedApartMs = 2_000

/** Asked again when anything in the area changes: a press of somebody behind it is an incident of its own. */
function useOutage(id: string, todo: boolean, cursor: string | undefined) {
  const client = useQueryClient()
  useEffect(() => {
    let planned: ReturnType<typeof setTimeout> | undefined
    const off = onPush('incident.changed', () => {
      planned ??= setTimeout(() => {
        planned = undefined
        void client.invalidateQueries({ queryKey: ['incident', id, 'outage'] })
      }, pushedApartMs)
    })
    return () => {
      off()
      clearTimeout(planned)
    }
  }, [client, id])
  return useQuery({
    queryKey: ['incident', id, 'outage', todo, cursor],
    queryFn: () =>
      call(api.outage, { params: { id }, query: { limit: pageSize, cursor, ...(todo && { todo: 'true' }) } }),
    refetchInterval: againEveryMs,
    placeholderData: (before) => before,
  })
}

/** Whose buttons are dead for now, the frailest first: each is called, and marked, until all are back. */
export function OutagePanel({ detail: { row } }: { detail: IncidentDetail }) {
  const { t } = useTranslation()
  const me = useSignedIn()
  const [todo, setTodo] = useState(true)
  const [cursors, setCursors] = useState<string[]>([])
  const { data, error } = useOutage(row.id, todo, cursors.at(-1))
  const mine = row.ownerId === me.id && (row.status === 'triage' || row.status === 'response')
  const show = (all: boolean) => () => {
    setTodo(!all)
    setCursors([])
  }
  if (error) return <ErrorNote error={error} />
  if (!data) return null
  return (
    <section className="card stack outage" aria-label={t('outage.title')}>
      <h3>{t('outage.title')}</h3>
      <p className="row">
        <span>
          {t('outage.since')} <When at={data.since} />
        </span>
        {data.restoredAt && <span className="chip green">{t('outage.restored')}</span>}
        <span className="chip">{t('outage.all', { n: data.all })}</span>
        <span className="chip green">{t('outage.back', { n: data.back })}</span>
        <span className="chip green">{t('outage.reached', { n: data.reached })}</span>
        <span className="chip amber">{t('outage.notReached', { n: data.notReached })}</span>
        {data.elsewhere > 0 && <span className="chip amber">{t('outage.elsewhere', { n: data.elsewhere })}</span>}
      </p>
      <span className="row">
        <button type="button" className={`btn ${todo ? 'on' : ''}`} aria-pressed={todo} onClick={show(false)}>
          {t('outage.todo')}
        </button>
        <button type="button" className={`btn ${todo ? '' : 'on'}`} aria-pressed={!todo} onClick={show(true)}>
          {t('outage.everybody')}
        </button>
      </span>
      {data.items.length === 0 && <p className="muted">{t('outage.nobody')}</p>}
      <Rows incidentId={row.id} items={data.items} mine={mine} />
      <span className="row">
        {cursors.length > 0 && (
          <button type="button" className="btn" onClick={() => setCursors(cursors.slice(0, -1))}>
            {t('unprotected.back')}
          </button>
        )}
        {data.next && (
          <button type="button" className="btn" onClick={() => setCursors([...cursors, data.next as string])}>
            {t('unprotected.more')}
          </button>
        )}
      </span>
    </section>
  )
}

function Rows({ incidentId, items, mine }: { incidentId: string; items: OutageRow[]; mine: boolean }) {
  const client = useQueryClient()
  const [chosen, setChosen] = useState<string>()
  const at = Math.max(
    0,
    items.findIndex((one) => one.residentId === chosen),
  )
  const current = items[at]
  const go = (to: number) => setChosen(items[to]?.residentId ?? chosen)
  const ring = useMutation({
    mutationFn: (residentId: string) =>
      call(callRoutes.callOut, { params: { id: incidentId }, body: { to: { residentId } } }),
    onSuccess: (placed) => {
      apply(placed)
      void client.invalidateQueries({ queryKey: callsKey(incidentId) })
    },
  })
  const mark = useMutation({
    mutationFn: ({ residentId, result }: { residentId: string; result: (typeof outageResults)[number] }) =>
      call(api.markOutage, { params: { id: incidentId, residentId }, body: { result } }),
    onSuccess: (row) => {
      board.apply(row)
      void client.invalidateQueries({ queryKey: ['incident', incidentId] })
    },
  })
  const say = (one: OutageRow, result: (typeof outageResults)[number]) => {
    if (one === current) go(at + 1)
    mark.mutate({ residentId: one.residentId, result })
  }
  useKeys(
    mine && current
      ? [
          { key: 'b', does: 'keys.callChosen', run: () => current.phone && ring.mutate(current.residentId) },
          { key: 'g', does: 'keys.reached', run: () => say(current, 'reached') },
          { key: 'f', does: 'keys.notReached', run: () => say(current, 'not-reached') },
          { key: 'o', does: 'keys.nextOne', run: () => go(at + 1) },
          { key: 'i', does: 'keys.previousOne', run: () => go(at - 1) },
        ]
      : [],
  )
  return (
    <>
      {(ring.error ?? mark.error) && <ErrorNote error={ring.error ?? mark.error} />}
      <ul className="outage-rows">
        {items.map((one) => (
          <Row
            key={one.residentId}
            one={one}
            current={mine && one === current}
            mine={mine}
            choose={() => setChosen(one.residentId)}
            ring={() => ring.mutate(one.residentId)}
            say={(result) => say(one, result)}
          />
        ))}
      </ul>
    </>
  )
}

type RowProps = {
  one: OutageRow
  current: boolean
  mine: boolean
  choose: () => void
  ring: () => void
  say: (result: (typeof outageResults)[number]) => void
}
function Row({ one, current, mine, choose, ring, say }: RowProps) {
  const { t } = useTranslation()
  const { lineOf } = useAreas()
  return (
    <li className={`outage-row ${current ? 'current' : ''}`} aria-current={current || undefined}>
      <span className="row">
        <strong>{one.name}</strong>
        {one.phone ? <Telephone number={one.phone} /> : <span className="chip amber">{t('followUp.noNumber')}</span>}
        {one.risks.map((risk) => (
          <span key={risk} className="chip red">
            {t(`words.risk.${risk}`)}
          </span>
        ))}
        <span className="muted">
          {lineOf(one.areaId)} {one.address}
        </span>
      </span>
      <span className="row">
        {one.silentSince ? (
          <span className="chip amber">
            {t('outage.silent')} <When at={one.silentSince} />
          </span>
        ) : (
          <span className="chip green">{t('outage.isBack')}</span>
        )}
        {one.result && (
          <span className={`chip ${one.result === 'reached' ? 'green' : 'amber'}`}>
            {t(`outage.result.${one.result}`)} <When at={one.markedAt} /> {one.markedBy}
          </span>
        )}
        {one.open && (
          <Link to="/" search={{ incident: one.open.incidentId }} className="chip red row">
            <ClassBadge value={one.open.class} /> {t(`words.kind.${one.open.kind}`)} #{one.open.number}{' '}
            {t(`words.status.${one.open.status}`)}
          </Link>
        )}
        {mine && (
          <span className="row outage-do">
            <button type="button" className="btn" disabled={!one.phone} onFocus={choose} onClick={ring}>
              {t('outage.call')} {current && <kbd>B</kbd>}
            </button>
            <button type="button" className="btn" onFocus={choose} onClick={() => say('reached')}>
              {t('outage.result.reached')} {current && <kbd>G</kbd>}
            </button>
            <button type="button" className="btn" onFocus={choose} onClick={() => say('not-reached')}>
              {t('outage.result.not-reached')} {current && <kbd>F</kbd>}
            </button>
          </span>
        )}
      </span>
    </li>
  )
}
