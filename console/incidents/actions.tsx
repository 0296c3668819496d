import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { incidentRoutes as api, type IncidentDetail, type IncidentRow } from '../../server/contracts/incidents.ts'
import { call } from '../lib/api.ts'
import { useSecond } from '../lib/clock.ts'
import { focusWork, useKeys } from '../lib/keys.ts'
import { may, useSignedIn } from '../lib/session.ts'
import { ErrorNote } from '../ui/marks.tsx'
import { adviceOf, missingOf } from './class-of.ts'
import { useColleagues } from './colleagues.ts'
import { useCommand } from './detail.ts'
import { HandingOver } from './handing-over.tsx'
import { useCatalogue } from './triage.tsx'

type Form = 'hold' | 'transfer' | 'requeue' | 'resolve' | undefined

/** What can be done with an incident in hand, each by one key. */
export function Actions({ row, detail }: { row: IncidentRow; detail: IncidentDetail }) {
  const { t } = useTranslation()
  const [form, setForm] = useState<Form>()
  const params = { id: row.id }
  const resolve = useCommand(() => call(api.resolve, { params, body: {} }))
  const resume = useCommand(() => call(api.resume, { params, body: {} }))
  const item = useCatalogue().find((one) => one.code === row.catalogueCode)
  const advice = item ? adviceOf(item, detail.answers) : []
  const missing = missingOf({
    class: row.class,
    classified: row.catalogueCode !== null,
    sent: row.promiseAt !== null,
    advice,
  })
  const end = () => {
    // The server says why not while somebody is still out; a confirmation before that would only be in the way.
    if (missing.length === 0 || row.assignmentsOpen > 0) return resolve.mutate(undefined)
    focusWork()
    setForm('resolve')
  }
  const toggle = (next: Form) => () => setForm(form === next ? undefined : next)
  useKeys([
    { key: 'h', does: 'keys.hold', run: row.heldUntil ? () => resume.mutate(undefined) : toggle('hold') },
    { key: 't', does: 'keys.transfer', run: toggle('transfer') },
    { key: 'Shift+Q', does: 'keys.requeue', run: toggle('requeue') },
    { key: 'r', does: 'keys.resolve', run: end },
  ])
  return (
    <section className="card stack" aria-label={t('incident.actions')}>
      <div className="row">
        <button
          type="button"
          className="btn primary"
          disabled={row.assignmentsOpen > 0 || resolve.isPending}
          title={row.assignmentsOpen > 0 ? t('faults.responders-still-out') : undefined}
          onClick={end}
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
      <HandingOver row={row} />
      {(resolve.error ?? resume.error) && <ErrorNote error={resolve.error ?? resume.error} />}
      {form === 'resolve' && missing.length > 0 && (
        <ResolveForm id={row.id} missing={missing} advice={advice} done={() => setForm(undefined)} />
      )}
      {form === 'hold' &&
        (row.class === 1 ? (
          <p className="note-warn" role="alert">
            {t('faults.class-1-needs-end')}
          </p>
        ) : (
          <HoldForm id={row.id} done={() => setForm(undefined)} />
        ))}
      {form === 'transfer' && <TransferForm id={row.id} done={() => setForm(undefined)} />}
      {form === 'requeue' && <RequeueForm id={row.id} done={() => setForm(undefined)} />}
    </section>
  )
}

/**
 * Ending it although something speaks against it: what that is, why all the same, and a second R or Enter. A life without
 * help, or an advised emergency number, needs the reason; one that was never classified is often just pressed by accident.
 */
function ResolveForm({
  id,
  missing,
  advice,
  done,
}: {
  id: string
  missing: ReturnType<typeof missingOf>
  advice: string[]
  done: () => void
}) {
  const { t } = useTranslation()
  const field = useRef<HTMLInputElement>(null)
  const [reason, setReason] = useState('')
  const [asked, setAsked] = useState(false)
  const needed = missing.some((one) => one !== 'unclassified')
  const what = missing.map((one) => t(`incident.missing.${one}`, { numbers: advice.join(' / ') }))
  const resolve = useCommand(async (because: string) => {
    if (because)
      await call(api.note, { params: { id }, body: { text: `${what.join(' ')} ${t('incident.reason')}: ${because}` } })
    return call(api.resolve, { params: { id }, body: {} })
  })
  const confirm = () => {
    if (!needed || reason.trim()) return void (resolve.isPending || resolve.mutate(reason.trim()))
    setAsked(true)
    field.current?.focus()
  }
  useKeys([
    { key: 'r', does: 'keys.confirmResolve', run: confirm },
    { key: 'Enter', does: 'keys.confirmResolve', run: confirm },
    { key: 'Escape', does: 'keys.back', run: done },
  ])
  return (
    <form
      className="note-warn stack"
      onSubmit={(event) => {
        event.preventDefault()
        confirm()
      }}
    >
      <ul role="alert">
        {what.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <div className="row">
        <input
          ref={field}
          className="field"
          style={{ flex: 1, minWidth: 180 }}
          maxLength={1000}
          aria-label={t('incident.reason')}
          aria-invalid={asked && !reason.trim()}
          placeholder={t(needed ? 'incident.whyAllTheSame' : 'incident.reasonOptional')}
          value={reason}
          autoFocus={needed}
          onChange={(event) => setReason(event.target.value)}
          onKeyDown={(event) => event.key === 'Escape' && done()}
        />
        <button type="submit" className="btn primary" disabled={resolve.isPending}>
          {t('incident.resolveAnyway')} <kbd>{needed ? '↵' : 'R'}</kbd>
        </button>
        <button type="button" className="btn" onClick={done}>
          {t('keys.back')} <kbd>Esc</kbd>
        </button>
      </div>
      {asked && !reason.trim() && <span className="chip red">{t('faults.no-reason')}</span>}
      {resolve.error && <ErrorNote error={resolve.error} />}
    </form>
  )
}

function HoldForm({ id, done }: { id: string; done: () => void }) {
  const { t, i18n } = useTranslation()
  const [minutes, setMinutes] = useState('5')
  const back = new Intl.DateTimeFormat(i18n.language, { timeStyle: 'short' })
  const until = (useSecond() + Number(minutes) * 60) * 1000
  const hold = useCommand((body: { minutes: number; reason: string }) => call(api.hold, { params: { id }, body }))
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault()
        const form = new FormData(event.currentTarget)
        hold.mutate({ minutes: Number(minutes), reason: String(form.get('reason')) }, { onSuccess: done })
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
          value={minutes}
          onChange={(event) => setMinutes(event.target.value)}
          onFocus={(event) => event.target.select()}
          required
          autoFocus
        />
      </label>
      {Number(minutes) > 0 && (
        <span className="muted num">{t('incident.returnsAt', { time: back.format(until) })}</span>
      )}
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
