import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { dispatchRoutes as api, type Helper } from '../../server/contracts/dispatch.ts'
import type { IncidentDetail } from '../../server/contracts/incidents.ts'
import { call } from '../lib/api.ts'
import { useRow } from '../lib/board.ts'
import { useKeys } from '../lib/keys.ts'
import { ErrorNote, Reasons } from '../ui/marks.tsx'
import { useDispatch } from './dispatching.ts'

const refreshMs = 15_000

export function useHelpers(detail: IncidentDetail): { helpers: Helper[]; error: unknown; loading: boolean } {
  const row = useRow(detail.row.id) ?? detail.row
  const { data, error, isPending } = useQuery({
    queryKey: ['incident', row.id, 'helpers', row.catalogueCode],
    queryFn: () => call(api.helpers, { params: { id: row.id }, query: { limit: 8 } }),
    refetchInterval: refreshMs,
  })
  return { helpers: data?.items ?? [], error, loading: isPending }
}

/** Who could go and why in this order. D, then Enter, asks the first wave; Shift+D picks by hand. */
export function Helpers({ detail }: { detail: IncidentDetail }) {
  const { t } = useTranslation()
  // The live row: the detail is asked again only after it, and a quick D must not come too early.
  const row = useRow(detail.row.id) ?? detail.row
  const { helpers, error, loading } = useHelpers(detail)
  const [mode, setMode] = useState<'wave' | 'hand'>()
  const [picked, setPicked] = useState<string[]>([])
  const send = useDispatch(row.id)
  const ready = row.catalogueCode !== null
  const go = () => send.mutate(mode === 'hand' ? { responderIds: picked } : {}, { onSuccess: () => setMode(undefined) })
  useKeys(
    ready
      ? [
          { key: 'd', does: 'keys.dispatch', run: () => setMode('wave') },
          { key: 'Shift+D', does: 'keys.byHand', run: () => setMode('hand') },
        ]
      : [],
  )
  useKeys(
    mode
      ? [
          { key: 'Enter', does: 'keys.send', run: go },
          { key: 'Escape', does: 'keys.back', run: () => setMode(undefined) },
        ]
      : [],
  )
  const toggle = (id: string) => setPicked(picked.includes(id) ? picked.filter((one) => one !== id) : [...picked, id])
  return (
    <section className="card" aria-label={t('dispatch.helpers')}>
      <div className="spread">
        <h3 style={{ margin: 0 }} className="section-title">
          {t('dispatch.helpers')}
        </h3>
        <span className="row">
          <button
            type="button"
            className={`btn ${mode === 'hand' ? 'on' : ''}`}
            disabled={!ready}
            onClick={() => setMode(mode === 'hand' ? undefined : 'hand')}
          >
            {t('dispatch.byHand')} <kbd>⇧D</kbd>
          </button>
          <button
            type="button"
            className="btn primary"
            disabled={!ready || send.isPending || (mode === 'hand' && picked.length === 0)}
            onClick={mode ? go : () => setMode('wave')}
          >
            {t(mode === 'hand' ? 'dispatch.sendPicked' : mode === 'wave' ? 'dispatch.sendNow' : 'dispatch.send', {
              n: picked.length,
            })}{' '}
            <kbd>{mode ? '↵' : 'D'}</kbd>
          </button>
        </span>
      </div>
      {!ready && <p className="muted">{t('dispatch.classifyFirst')}</p>}
      {mode === 'wave' && <p className="chip accent">{t('dispatch.confirm')}</p>}
      {send.error && <ErrorNote error={send.error} />}
      {Boolean(error) && <ErrorNote error={error} />}
      {!loading && helpers.length === 0 && <p className="muted">{t('dispatch.nobody')}</p>}
      <ol>
        {helpers.map((helper, i) => (
          <li className="helper" key={helper.responderId}>
            {mode === 'hand' ? (
              <input
                type="checkbox"
                aria-label={helper.name}
                checked={picked.includes(helper.responderId)}
                onChange={() => toggle(helper.responderId)}
              />
            ) : (
              <span className="rank" aria-hidden="true">
                {i + 1}
              </span>
            )}
            <span>
              <span className="row">
                <strong>{helper.name}</strong>
                <span className="muted">{helper.providerName ?? t(`words.responder.${helper.kind}`)}</span>
                {helper.asked && <span className="chip amber">{t(`words.assignment.${helper.asked}`)}</span>}
              </span>
              <Reasons list={helper.reasons} />
            </span>
            <span style={{ textAlign: 'right' }}>
              <strong className="num">{t('dispatch.minutes', { n: helper.travelMinutes })}</strong>
              <br />
              <span className="muted num">
                {t(`words.travel.${helper.travel}`)} {t('dispatch.metres', { n: helper.distanceM })}
              </span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}
