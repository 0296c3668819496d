import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { dispatchRoutes as api, type Helper } from '../../server/contracts/dispatch.ts'
import { farText } from '../../server/contracts/distance.ts'
import type { IncidentDetail } from '../../server/contracts/incidents.ts'
import { call } from '../lib/api.ts'
import { useRow } from '../lib/board.ts'
import { focusWork, useKeys } from '../lib/keys.ts'
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

const busy = ['requested', 'accepted', 'en-route', 'on-scene']
const numbersMax = 8

/** Who could go and why in this order. D, then Enter, asks the first wave; Shift+D picks by hand, one digit a helper. */
export function Helpers({ detail }: { detail: IncidentDetail }) {
  const { t } = useTranslation()
  // The live row: the detail is asked again only after it, and a quick D must not come too early.
  const row = useRow(detail.row.id) ?? detail.row
  const { helpers, error, loading } = useHelpers(detail)
  const [mode, setMode] = useState<'wave' | 'hand'>()
  const [picked, setPicked] = useState<string[]>([])
  const [nobody, setNobody] = useState(false)
  const send = useDispatch(row.id)
  const ready = row.catalogueCode !== null
  const wave = helpers.filter((helper) => helper.firstWave)
  const start = (next: typeof mode) => {
    focusWork()
    setPicked([])
    setNobody(false)
    setMode(next)
  }
  const go = () => {
    if (mode === 'hand' && picked.length === 0) return setNobody(true)
    if (!send.isPending)
      send.mutate(mode === 'hand' ? { responderIds: picked } : {}, { onSuccess: () => setMode(undefined) })
  }
  const toggle = (id: string) => {
    setNobody(false)
    setPicked(picked.includes(id) ? picked.filter((one) => one !== id) : [...picked, id])
  }
  useKeys(
    ready
      ? [
          { key: 'd', does: 'keys.dispatch', run: () => start('wave') },
          { key: 'Shift+D', does: 'keys.byHand', run: () => start('hand') },
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
  const numbered = helpers.filter((helper) => helper.asked === null).slice(0, numbersMax)
  useKeys(
    mode === 'hand'
      ? numbered.map((helper, i) => ({
          key: String(i + 1),
          does: 'keys.pickHelper',
          run: () => toggle(helper.responderId),
        }))
      : [],
  )
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
            onClick={() => (mode === 'hand' ? setMode(undefined) : start('hand'))}
          >
            {t('dispatch.byHand')} <kbd>⇧D</kbd>
          </button>
          <button
            type="button"
            className="btn primary"
            disabled={!ready || send.isPending}
            onClick={mode ? go : () => start('wave')}
          >
            {t(mode === 'hand' ? 'dispatch.sendPicked' : mode === 'wave' ? 'dispatch.sendNow' : 'dispatch.send', {
              n: picked.length,
            })}{' '}
            <kbd>{mode ? '↵' : 'D'}</kbd>
          </button>
        </span>
      </div>
      {!ready && <p className="muted">{t('dispatch.classifyFirst')}</p>}
      {mode === 'wave' && (
        <p className="asking" role="status">
          {wave.length > 0
            ? t('dispatch.willAsk', { names: wave.map((helper) => helper.name).join(t('ui.comma')) })
            : t('dispatch.nobodyLeft')}
        </p>
      )}
      {mode === 'hand' && (
        <p className="asking" role="status">
          {t(nobody ? 'dispatch.pickFirst' : 'dispatch.pickHint')}
        </p>
      )}
      {send.error && <ErrorNote error={send.error} />}
      {Boolean(error) && <ErrorNote error={error} />}
      {!loading && helpers.length === 0 && <p className="muted">{t('dispatch.nobody')}</p>}
      <ol>
        {helpers.map((helper) => (
          <HelperRow
            key={helper.responderId}
            helper={helper}
            number={numbered.indexOf(helper) + 1}
            chosen={mode === 'wave' && helper.firstWave}
            picking={
              mode === 'hand' && !busy.includes(helper.asked ?? '')
                ? { on: picked.includes(helper.responderId), toggle: () => toggle(helper.responderId) }
                : undefined
            }
          />
        ))}
      </ol>
    </section>
  )
}

function HelperRow({
  helper,
  number,
  chosen,
  picking,
}: {
  helper: Helper
  /** As on the map and on the keys; 0 for one who was asked already. */
  number: number
  chosen: boolean
  picking: { on: boolean; toggle: () => void } | undefined
}) {
  const { t } = useTranslation()
  return (
    <li className={`helper ${helper.asked ? 'asked' : ''} ${chosen || picking?.on ? 'chosen' : ''}`}>
      <span className="row" style={{ gap: 6, flexWrap: 'nowrap' }}>
        {number > 0 ? <span className="rank">{number}</span> : <span className="rank none" aria-hidden="true" />}
        {picking && <input type="checkbox" aria-label={helper.name} checked={picking.on} onChange={picking.toggle} />}
      </span>
      <span>
        <span className="row">
          <strong>{helper.name}</strong>
          <span className="muted">{helper.providerName ?? t(`words.responder.${helper.kind}`)}</span>
          {helper.asked && <span className="chip">{t(`words.assignment.${helper.asked}`)}</span>}
          {chosen && <span className="chip accent">{t('dispatch.asksNow')}</span>}
        </span>
        {/* The minutes stand on the right. */}
        {!helper.asked && <Reasons list={helper.reasons.filter((reason) => !reason.startsWith('minutes:'))} />}
      </span>
      <span style={{ textAlign: 'right' }}>
        <strong className="num">{t('dispatch.minutes', { n: helper.travelMinutes })}</strong>
        <br />
        <span className="muted num">
          {t(`words.travel.${helper.travel}`)} {farText(helper.distanceM)}
        </span>
      </span>
    </li>
  )
}
