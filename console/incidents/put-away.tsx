import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { incidentRoutes as api } from '../../server/contracts/incidents.ts'
import { call } from '../lib/api.ts'
import { useSecond } from '../lib/clock.ts'
import { useEscape, useKeys } from '../lib/keys.ts'
import { clockIn } from '../lib/zone.ts'
import { ErrorNote } from '../ui/marks.tsx'
import { useColleagues } from './colleagues.ts'
import { useCommand } from './detail.ts'

/** Put aside for some minutes, with a reason; Esc leaves it. */
export function HoldForm({ id, done }: { id: string; done: () => void }) {
  const { t, i18n } = useTranslation()
  const [minutes, setMinutes] = useState('5')
  const back = clockIn(i18n.language, { timeStyle: 'short' })
  const until = (useSecond() + Number(minutes) * 60) * 1000
  useEscape(done)
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
        {t('incident.hold')} <kbd>↵</kbd>
      </button>
      <Back close={done} />
      {hold.error && <ErrorNote error={hold.error} />}
    </form>
  )
}

const nine = 9

/** To a colleague: one digit each, as with contacts, then Enter. Nothing swallows the keys of whoever rings meanwhile. */
export function TransferForm({ id, done }: { id: string; done: () => void }) {
  const { t } = useTranslation()
  const colleagues = useColleagues()
  const [chosen, setChosen] = useState<string>()
  const [reason, setReason] = useState('')
  const [asked, setAsked] = useState(false)
  const transfer = useCommand((operatorId: string) =>
    call(api.transfer, { params: { id }, body: { operatorId, reason: reason.trim() } }),
  )
  const go = () => {
    if (!chosen) return setAsked(true)
    if (!transfer.isPending) transfer.mutate(chosen, { onSuccess: done })
  }
  useKeys([
    ...colleagues
      .slice(0, nine)
      .map((one, i) => ({ key: String(i + 1), does: 'keys.colleague', run: () => setChosen(one.id) })),
    { key: 'Enter', does: 'keys.handToColleague', run: go },
  ])
  useEscape(done)
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        go()
      }}
    >
      <div className="row" role="radiogroup" aria-label={t('incident.colleague')}>
        {colleagues.length === 0 && <span className="muted">{t('incident.noColleague')}</span>}
        {colleagues.map((one, i) => (
          <button
            type="button"
            role="radio"
            aria-checked={chosen === one.id}
            className={`btn ${chosen === one.id ? 'on' : ''}`}
            key={one.id}
            onClick={() => setChosen(one.id)}
          >
            {i < nine && <kbd>{i + 1}</kbd>} {one.name}
            <span className="muted">{t(`words.presence.${one.status}`)}</span>
          </button>
        ))}
      </div>
      <div className="row">
        <input
          className="field"
          style={{ flex: 1, minWidth: 140 }}
          maxLength={200}
          aria-label={t('incident.reason')}
          placeholder={t('incident.reason')}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        <button type="submit" className="btn primary" disabled={transfer.isPending || colleagues.length === 0}>
          {t('incident.transfer')} <kbd>↵</kbd>
        </button>
        <Back close={done} />
      </div>
      {asked && !chosen && (
        <span className="chip red" role="alert">
          {t('incident.colleague')}
        </span>
      )}
      {transfer.error && <ErrorNote error={transfer.error} />}
    </form>
  )
}

/** What Esc does, for whoever has no keyboard. */
function Back({ close }: { close: () => void }) {
  const { t } = useTranslation()
  return (
    <button type="button" className="btn" onClick={close}>
      {t('keys.back')} <kbd>Esc</kbd>
    </button>
  )
}

/** Released to the queue; Esc leaves it. */
export function RequeueForm({ id, done }: { id: string; done: () => void }) {
  const { t } = useTranslation()
  useEscape(done)
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
        {t('incident.requeue')} <kbd>↵</kbd>
      </button>
      <Back close={done} />
      {requeue.error && <ErrorNote error={requeue.error} />}
    </form>
  )
}
