import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { incidentRoutes as api, type IncidentDetail, type IncidentRow } from '../../server/contracts/incidents.ts'
import { call } from '../lib/api.ts'
import { focusWork, useEscape, useKeys } from '../lib/keys.ts'
import { may, useSignedIn } from '../lib/session.ts'
import { ErrorNote } from '../ui/marks.tsx'
import { adviceOf, missingOf } from './class-of.ts'
import { useCommand } from './detail.ts'
import { HandingOver } from './handing-over.tsx'
import { HoldForm, RequeueForm, TransferForm } from './put-away.tsx'
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
  /** Sent, or put away: the keys of the incident are at home again. */
  const done = () => {
    setForm(undefined)
    focusWork()
  }
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
        <ResolveForm id={row.id} missing={missing} advice={advice} done={done} />
      )}
      {form === 'hold' && (row.class === 1 ? <NotOnHold done={done} /> : <HoldForm id={row.id} done={done} />)}
      {form === 'transfer' && <TransferForm id={row.id} done={done} />}
      {form === 'requeue' && <RequeueForm id={row.id} done={done} />}
    </section>
  )
}

function NotOnHold({ done }: { done: () => void }) {
  const { t } = useTranslation()
  useEscape(done)
  return (
    <p className="note-warn" role="alert">
      {t('faults.class-1-needs-end')}
    </p>
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
  ])
  useEscape(done)
  return (
    <form
      autoComplete="off"
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
