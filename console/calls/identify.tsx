import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { callRoutes as api } from '../../server/contracts/calls.ts'
import type { IncidentDetail, IncidentRow } from '../../server/contracts/incidents.ts'
import { type ResidentRow, residentRoutes } from '../../server/contracts/residents.ts'
import { languages } from '../../server/contracts/vocabulary.ts'
import { call as ask } from '../lib/api.ts'
import { board } from '../lib/board.ts'
import { focusWork, useKeys } from '../lib/keys.ts'
import { useKnown } from '../lib/known.ts'
import { useAreas } from '../lib/session.ts'
import { ErrorNote } from '../ui/marks.tsx'
import { callsKey } from './call-panel.tsx'

/** Who is this? Those whose number it is, a search, or a new caller in five fields, while talking. */
export function Identify({ detail }: { detail: IncidentDetail }) {
  const { t } = useTranslation()
  const inWords = useKnown()
  const client = useQueryClient()
  const { row } = detail
  const [way, setWay] = useState<'search' | 'new'>()
  const known = useQuery({
    queryKey: ['incident', row.id, 'candidates'],
    queryFn: () => ask(api.candidates, { params: { id: row.id } }),
  })
  const calls = useQuery({
    queryKey: callsKey(row.id),
    queryFn: () => ask(api.incidentCalls, { params: { id: row.id } }),
  })
  // Somebody at a kiosk has no number that anybody could know.
  const fromKiosk = calls.data?.items.every((call) => call.number === null && !call.withheld) ?? false
  const onSuccess = (next: IncidentRow) => {
    board.apply(next)
    void client.invalidateQueries({ queryKey: ['incident', row.id] })
  }
  const identify = useMutation({
    mutationFn: (residentId: string) => ask(api.identify, { params: { id: row.id }, body: { residentId } }),
    onSuccess,
  })
  const toggle = (next: typeof way) => () => setWay(way === next ? undefined : next)
  useKeys(
    way
      ? [
          {
            key: 'Escape',
            does: 'keys.back',
            run: () => {
              setWay(undefined)
              focusWork()
            },
          },
        ]
      : [],
  )
  return (
    <section className="card stack" aria-label={t('calls.who')}>
      <h3>{t('calls.who')}</h3>
      {(known.data?.items ?? []).map((one) => (
        <Found
          key={one.id}
          row={one}
          why={t(`calls.${one.because}`, { relation: inWords(one.relation) })}
          choose={identify.mutate}
        />
      ))}
      {known.data?.items.length === 0 && (
        <p className="muted">{t(fromKiosk ? 'calls.kioskAsks' : 'calls.numberUnknown')}</p>
      )}
      <div className="row">
        <button type="button" className={`btn ${way === 'search' ? 'on' : ''}`} onClick={toggle('search')}>
          {t('calls.searchResident')}
        </button>
        <button type="button" className={`btn ${way === 'new' ? 'on' : ''}`} onClick={toggle('new')}>
          {t('calls.newCaller')}
        </button>
      </div>
      {way === 'search' && <Search choose={identify.mutate} />}
      {way === 'new' && <NewCaller incidentId={row.id} onSuccess={onSuccess} />}
      {identify.error && <ErrorNote error={identify.error} />}
    </section>
  )
}

function Found({ row, why, choose }: { row: ResidentRow; why: string; choose: (id: string) => void }) {
  const { lineOf } = useAreas()
  const { t } = useTranslation()
  return (
    <div className="row">
      <button type="button" className="btn" onClick={() => choose(row.id)}>
        {row.name}
      </button>
      {row.birthDate && <span className="num muted">{row.birthDate.slice(0, 4)}</span>}
      <span className="muted">
        {lineOf(row.areaId)} {row.address}
      </span>
      {why && <span className="chip">{why}</span>}
      {!row.active && <span className="chip amber">{t('calls.inactive')}</span>}
    </div>
  )
}

const shortest = 1

function Search({ choose }: { choose: (id: string) => void }) {
  const { t } = useTranslation()
  const [q, setQ] = useState('')
  const { data } = useQuery({
    queryKey: ['residents', 'identify', q],
    queryFn: () => ask(residentRoutes.residents, { query: { q, limit: 8 } }),
    enabled: q.trim().length >= shortest,
    placeholderData: (before) => before,
  })
  return (
    <div className="stack">
      <input
        className="field"
        autoFocus
        value={q}
        onChange={(event) => setQ(event.target.value)}
        aria-label={t('calls.searchHint')}
        placeholder={t('calls.searchHint')}
      />
      {q && data?.items.map((row) => <Found key={row.id} row={row} why="" choose={choose} />)}
      {q && data?.items.length === 0 && <p className="muted">{t('calls.nobodyFound')}</p>}
    </div>
  )
}

function NewCaller({ incidentId, onSuccess }: { incidentId: string; onSuccess: (row: IncidentRow) => void }) {
  const { t } = useTranslation()
  const { areas, lineOf } = useAreas()
  const calls = useQuery({
    queryKey: callsKey(incidentId),
    queryFn: () => ask(api.incidentCalls, { params: { id: incidentId } }),
  })
  const number = calls.data?.items.find((call) => call.number)?.number ?? ''
  const save = useMutation({
    mutationFn: (form: FormData) =>
      ask(api.newCaller, {
        params: { id: incidentId },
        body: {
          name: String(form.get('name')),
          phone: String(form.get('phone')) || null,
          areaId: String(form.get('areaId')),
          address: String(form.get('address')),
          language: String(form.get('language')) as (typeof languages)[number],
        },
      }),
    onSuccess,
  })
  return (
    <form
      autoComplete="off"
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate(new FormData(event.currentTarget))
      }}
    >
      <div className="row">
        <label className="grow">
          {t('calls.new.name')}
          <input className="field" name="name" required maxLength={60} autoFocus />
        </label>
        <label className="grow">
          {t('calls.new.phone')}
          <input className="field" name="phone" key={number} defaultValue={number} maxLength={30} />
        </label>
      </div>
      <div className="row">
        <label className="grow">
          {t('calls.new.area')}
          <select className="field" name="areaId" required>
            <option value="">…</option>
            {areas
              .filter((area) => area.level === 'community')
              .map((area) => (
                <option key={area.id} value={area.id}>
                  {lineOf(area.id)}
                </option>
              ))}
          </select>
        </label>
        <label>
          {t('calls.new.language')}
          <select className="field" name="language">
            {languages.map((one) => (
              <option key={one} value={one}>
                {t(`words.language.${one}`)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <label>
        {t('calls.new.address')}
        <input className="field" name="address" required maxLength={120} />
      </label>
      <div>
        <button type="submit" className="btn primary" disabled={save.isPending}>
          {t('calls.new.save')}
        </button>
      </div>
      {save.error && <ErrorNote error={save.error} />}
    </form>
  )
}
