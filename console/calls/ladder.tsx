import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { callRoutes as api } from '../../server/contracts/calls.ts'
import type { FactView, IncidentDetail } from '../../server/contracts/incidents.ts'
import { call as ask } from '../lib/api.ts'
import { board } from '../lib/board.ts'
import { useKeys } from '../lib/keys.ts'
import { clockText, ErrorNote, useLeft } from '../ui/marks.tsx'
import { ReasonForm } from '../ui/reason-form.tsx'
import { Telephone } from '../ui/telephone.tsx'

/** N: nobody speaks. From then on the rungs climb by themselves; this shows which one, and how long it may still take. */
export function Ladder({ detail, facts }: { detail: IncidentDetail; facts: FactView[] }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const { row } = detail
  const onSuccess = (next: typeof row) => {
    board.apply(next)
    void client.invalidateQueries({ queryKey: ['incident', row.id] })
  }
  const start = useMutation({ mutationFn: () => ask(api.startLadder, { params: { id: row.id }, body: {} }), onSuccess })
  const stop = useMutation({
    mutationFn: (reason: string) => ask(api.stopLadder, { params: { id: row.id }, body: { reason } }),
    onSuccess,
  })
  const failed = useMutation({ mutationFn: () => ask(api.rungFailed, { params: { id: row.id }, body: {} }), onSuccess })
  const left = useLeft(row.ladderUntil)
  useKeys(row.ladderUntil ? [] : [{ key: 'n', does: 'keys.noResponse', run: () => start.mutate() }])
  const last = [...facts].reverse().find((fact) => fact.type === 'ladder-climbed')
  const advised = last?.data['step'] === 'advice' && !row.ladderUntil
  if (!row.ladderUntil)
    return (
      <div className="row">
        <button type="button" className="btn" disabled={start.isPending} onClick={() => start.mutate()}>
          {t('calls.ladder.start')} <kbd>N</kbd>
        </button>
        {advised && <strong className="chip red">{t('calls.ladder.advice')}</strong>}
        {start.error && <ErrorNote error={start.error} />}
      </div>
    )
  const contact = detail.resident?.contacts.find((one) => one.id === last?.data['contactId'])
  const number = contact?.phone ?? (last?.data['step'] === 'call-back' ? detail.resident?.phone : undefined)
  const step = String(last?.data['step'] ?? 'call-back')
  const byHand = last?.data['byHand'] === true
  return (
    <section className="card stack ladder" aria-label={t('calls.ladder.title')}>
      <div className="row">
        {/* Said as it is: until a call is placed nobody is being called, and this is what is to be done. */}
        <strong>{t(`calls.ladder.${byHand ? 'todo.' : ''}${step}`, { name: contact?.name ?? '' })}</strong>
        <span className="num chip amber">{clockText(Math.max(0, left))}</span>
        {byHand && number && (
          <span className="row">
            {t('calls.ladder.byHand')} <Telephone number={number} />
            <button type="button" className="btn" onClick={() => stop.mutate(t('calls.ladder.reached'))}>
              {t('calls.ladder.reached')}
            </button>
            <button type="button" className="btn" disabled={failed.isPending} onClick={() => failed.mutate()}>
              {t('calls.ladder.notReached')}
            </button>
          </span>
        )}
      </div>
      <ReasonForm
        ask={t('calls.ladder.stopReason')}
        button={t('calls.ladder.stop')}
        run={stop.mutate}
        pending={stop.isPending}
        error={stop.error}
      />
    </section>
  )
}
