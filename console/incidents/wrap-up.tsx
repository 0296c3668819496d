import { useNavigate } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { incidentRoutes as api, type IncidentRow } from '../../server/contracts/incidents.ts'
import { type Disposition, dispositions } from '../../server/contracts/vocabulary.ts'
import { call } from '../lib/api.ts'
import { board } from '../lib/board.ts'
import { useDraft } from '../lib/drafts.ts'
import { focusAtEnd, useKeys } from '../lib/keys.ts'
import { sends } from '../lib/pressed.ts'
import { useSignedIn } from '../lib/session.ts'
import { clockText, ErrorNote, useLeft } from '../ui/marks.tsx'
import { useCommand } from './detail.ts'

// One key an outcome. None of them is whoever rings (A, Space, X), nor anything else that acts in wrap-up.
const marks = '1234567890bfgij'

/** The outcome is needed; without one in time it closes as "needs review", which a supervisor sees. */
export function WrapUp({ row, sent }: { row: IncidentRow; sent: boolean }) {
  const { t } = useTranslation()
  const params = { id: row.id }
  const me = useSignedIn()
  const navigate = useNavigate()
  const [text, setText] = useDraft(me.id, row.id)
  const [outcome, setOutcome] = useState<Disposition>()
  const first = useRef<HTMLButtonElement>(null)
  const left = useLeft(row.wrapUpUntil)
  const extend = useCommand(() => call(api.extendWrapUp, { params, body: {} }))
  const close = useCommand((disposition: Disposition) => call(api.close, { params, body: { disposition, note: text } }))
  const fits = dispositions.filter(
    (code) => code !== 'needs-review' && (code !== 'helped-on-site' || sent) && (code !== 'test' || row.class >= 2),
  )
  const [asked, setAsked] = useState(false)
  /** On to what else is in hand, the gravest first; else to the list. The closed file does not stay in front. */
  const done = () => {
    setText('')
    const next = board.ids().find((id) => id !== row.id && board.row(id)?.ownerId === me.id)
    void navigate({ to: '/', search: next ? { incident: next } : {} })
  }
  const finish = () => {
    if (!outcome) return setAsked(true)
    if (!close.isPending) close.mutate(outcome, { onSuccess: done })
  }
  const note = useRef<HTMLTextAreaElement>(null)
  useKeys([
    { key: 'c', does: 'keys.outcome', run: () => first.current?.focus() },
    { key: ';', does: 'keys.note', run: () => focusAtEnd(note.current) },
    { key: '+', does: 'keys.extend', run: () => extend.mutate(undefined) },
    { key: 'Enter', does: 'keys.close', run: finish },
    ...fits.map((code, i) => ({
      key: marks[i] as string,
      does: `words.disposition.${code}`,
      run: () => setOutcome(code),
    })),
  ])
  return (
    <section className="card stack" aria-label={t('incident.wrapUp')}>
      <div className="spread">
        <h3 style={{ margin: 0 }}>{t('incident.wrapUp')}</h3>
        <span className="row">
          <span className={`chip ${left < 20_000 ? 'red' : ''} num`}>{clockText(left)}</span>
          <button type="button" className="btn" onClick={() => extend.mutate(undefined)}>
            {t('incident.moreTime')} <kbd>+</kbd>
          </button>
        </span>
      </div>
      <div className="services" role="radiogroup" aria-label={t('incident.outcome')}>
        {fits.map((code, i) => (
          <button
            type="button"
            key={code}
            ref={i === 0 ? first : undefined}
            role="radio"
            aria-checked={outcome === code}
            className={`btn ${outcome === code ? 'on' : ''}`}
            onClick={() => setOutcome(code)}
          >
            <kbd>{marks[i]?.toUpperCase()}</kbd> {t(`words.disposition.${code}`)}
          </button>
        ))}
      </div>
      <textarea
        ref={note}
        className="field"
        aria-label={t('incident.closingNote')}
        placeholder={t('incident.closingNoteHint')}
        maxLength={2000}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => sends(event) && finish()}
      />
      <div className="row">
        <button type="button" className="btn primary" disabled={close.isPending} onClick={finish}>
          {t('incident.close')} <kbd>↵</kbd> <kbd>Ctrl ↵</kbd>
        </button>
        {!outcome && (
          <span className={asked ? 'chip red' : 'muted'} role={asked ? 'alert' : undefined}>
            {t('incident.outcomeNeeded')}
          </span>
        )}
      </div>
      {(close.error ?? extend.error) && <ErrorNote error={close.error ?? extend.error} />}
    </section>
  )
}
