import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { incidentRoutes as api, type IncidentRow } from '../../server/contracts/incidents.ts'
import { call } from '../lib/api.ts'
import { useKeys } from '../lib/keys.ts'
import { may, useSignedIn } from '../lib/session.ts'
import { ErrorNote } from '../ui/marks.tsx'
import { useColleagues } from './colleagues.ts'
import { useCommand } from './detail.ts'

type Form = 'hold' | 'transfer' | 'requeue' | undefined

/** What can be done with an incident in hand, each by one key. */
export function Actions({ row }: { row: IncidentRow }) {
  const { t } = useTranslation()
  const [form, setForm] = useState<Form>()
  const params = { id: row.id }
  const resolve = useCommand(() => call(api.resolve, { params, body: {} }))
  const resume = useCommand(() => call(api.resume, { params, body: {} }))
  const toggle = (next: Form) => () => setForm(form === next ? undefined : next)
  useKeys([
    { key: 'h', does: 'keys.hold', run: row.heldUntil ? () => resume.mutate(undefined) : toggle('hold') },
    { key: 't', does: 'keys.transfer', run: toggle('transfer') },
    { key: 'Shift+Q', does: 'keys.requeue', run: toggle('requeue') },
    { key: 'r', does: 'keys.resolve', run: () => resolve.mutate(undefined) },
  ])
  return (
    <section className="card stack" aria-label={t('incident.actions')}>
      <div className="row">
        <button
          type="button"
          className="btn primary"
          disabled={row.assignmentsOpen > 0 || resolve.isPending}
          title={row.assignmentsOpen > 0 ? t('faults.responders-still-out') : undefined}
          onClick={() => resolve.mutate(undefined)}
        >
          {t('incident.resolve')} <kbd>R</kbd>
        </button>
        {row.heldUntil ? (
          <button type="button" className="btn on" onClick={() => resume.mutate(undefined)}>
            {t('incident.resume')} <kbd>H</kbd>
          </button>
        ) : (
          <button
            type="button"
            className={`btn ${form === 'hold' ? 'on' : ''}`}
            onClick={toggle('hold')}
            disabled={row.class === 1}
            title={row.class === 1 ? t('faults.class-1-needs-end') : undefined}
          >
            {t('incident.hold')} <kbd>H</kbd>
          </button>
        )}
        <button type="button" className={`btn ${form === 'transfer' ? 'on' : ''}`} onClick={toggle('transfer')}>
          {t('incident.transfer')} <kbd>T</kbd>
        </button>
        <button type="button" className={`btn ${form === 'requeue' ? 'on' : ''}`} onClick={toggle('requeue')}>
          {t('incident.requeue')} <kbd>⇧Q</kbd>
        </button>
      </div>
      {(resolve.error ?? resume.error) && <ErrorNote error={resolve.error ?? resume.error} />}
      {form === 'hold' && <HoldForm id={row.id} done={() => setForm(undefined)} />}
      {form === 'transfer' && <TransferForm id={row.id} done={() => setForm(undefined)} />}
      {form === 'requeue' && <RequeueForm id={row.id} done={() => setForm(undefined)} />}
    </section>
  )
}

function HoldForm({ id, done }: { id: string; done: () => void }) {
  const { t } = useTranslation()
  const hold = useCommand((body: { minutes: number; reason: string }) => call(api.hold, { params: { id }, body }))
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault()
        const form = new FormData(event.currentTarget)
        hold.mutate({ minutes: Number(form.get('minutes')), reason: String(form.get('reason')) }, { onSuccess: done })
      }}
    >
      <label className="row">
        {t('incident.minutes')}
        <input
          className="field"
          style={{ width: 72 }}
          name="minutes"
          type="number"
          min={1}
          max={120}
          defaultValue={5}
          required
          autoFocus
        />
      </label>
      <input
        className="field"
        style={{ flex: 1, minWidth: 140 }}
        name="reason"
        required
        aria-label={t('incident.reason')}
        placeholder={t('incident.reason')}
      />
      <button type="submit" className="btn primary">
        {t('incident.hold')}
      </button>
      {hold.error && <ErrorNote error={hold.error} />}
    </form>
  )
}

function TransferForm({ id, done }: { id: string; done: () => void }) {
  const { t } = useTranslation()
  const colleagues = useColleagues()
  const transfer = useCommand((body: { operatorId: string; reason: string }) =>
    call(api.transfer, { params: { id }, body }),
  )
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault()
        const form = new FormData(event.currentTarget)
        transfer.mutate(
          { operatorId: String(form.get('operatorId')), reason: String(form.get('reason')) },
          { onSuccess: done },
        )
      }}
    >
      <select
        className="field"
        style={{ width: 190 }}
        name="operatorId"
        aria-label={t('incident.colleague')}
        required
        autoFocus
      >
        <option value="">{t(colleagues.length > 0 ? 'incident.colleague' : 'incident.noColleague')}</option>
        {colleagues.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name} · {t(`words.presence.${one.status}`)}
          </option>
        ))}
      </select>
      <input
        className="field"
        style={{ flex: 1, minWidth: 140 }}
        name="reason"
        aria-label={t('incident.reason')}
        placeholder={t('incident.reason')}
      />
      <button type="submit" className="btn primary">
        {t('incident.transfer')}
      </button>
      {transfer.error && <ErrorNote error={transfer.error} />}
    </form>
  )
}

function RequeueForm({ id, done }: { id: string; done: () => void }) {
  const { t } = useTranslation()
  const requeue = useCommand((body: { reason: string }) => call(api.requeue, { params: { id }, body }))
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault()
        requeue.mutate({ reason: String(new FormData(event.currentTarget).get('reason')) }, { onSuccess: done })
      }}
    >
      <input
        className="field"
        style={{ flex: 1 }}
        name="reason"
        aria-label={t('incident.reason')}
        placeholder={t('incident.reason')}
        autoFocus
      />
      <button type="submit" className="btn">
        {t('incident.requeue')}
      </button>
      {requeue.error && <ErrorNote error={requeue.error} />}
    </form>
  )
}

/** Free while the claim is fresh or stale; from a working colleague only by a supervisor with a reason. */
export function TakeOver({ row }: { row: IncidentRow }) {
  const { t } = useTranslation()
  const me = useSignedIn()
  const [reason, setReason] = useState('')
  const take = useCommand(() => call(api.takeOver, { params: { id: row.id }, body: { reason } }))
  return (
    <div className="row">
      {may(me, 'supervise') && !row.claimStale && (
        <input
          className="field"
          style={{ width: 220 }}
          aria-label={t('incident.reason')}
          placeholder={t('incident.reason')}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      )}
      <button type="button" className="btn" onClick={() => take.mutate(undefined)}>
        {t(row.claimStale ? 'incident.reclaim' : 'incident.takeOver')}
      </button>
      {take.error && <ErrorNote error={take.error} />}
    </div>
  )
}
