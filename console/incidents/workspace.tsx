import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { FactView, IncidentDetail, IncidentRow } from '../../server/contracts/incidents.ts'
import { ApiError } from '../lib/api.ts'
import { useRow } from '../lib/board.ts'
import { kindWord, useMedium } from '../lib/on-the-line.ts'
import { may, useSignedIn } from '../lib/session.ts'
import { ClassBadge, Elapsed, Empty, ErrorNote, useLeft } from '../ui/marks.tsx'
import { Actions, TakeOver } from './actions.tsx'
import { ClosureSummary } from './closed.tsx'
import { useDetail } from './detail.ts'
import { FirstTest } from './first-test.tsx'
import { GlassForm, ThroughGlass } from './glass.tsx'
import { Notes } from './notes.tsx'
import { ScreenPop } from './screen-pop.tsx'
import { Timeline } from './timeline.tsx'
import { Triage } from './triage.tsx'
import { WrapUp } from './wrap-up.tsx'
import './incidents.css'

export type Slots = {
  calls: (detail: IncidentDetail, facts: FactView[]) => ReactNode
  identify: (detail: IncidentDetail) => ReactNode
  helpers: (detail: IncidentDetail) => ReactNode
  map: (detail: IncidentDetail) => ReactNode
  assignments: (detail: IncidentDetail) => ReactNode
  outage: (detail: IncidentDetail) => ReactNode
  /** What a leader can do with what is somebody else's or nobody's. */
  lead: (row: IncidentRow) => ReactNode
}

/** One incident beside the list. Its file opens only for who owns it, or a supervisor. */
export function Workspace({ id, slots, accept }: { id: string; slots: Slots; accept: (id: string) => void }) {
  const { t } = useTranslation()
  const me = useSignedIn()
  const row = useRow(id)
  const open = row === undefined || row.ownerId === me.id || may(me, 'supervise')
  const { detail, timeline } = useDetail(id, open)
  const shown = row ?? detail.data?.row
  if (!open && row) return <Locked row={row} accept={accept} />
  if (detail.error) {
    const foreign =
      detail.error instanceof ApiError && (detail.error.code === 'not-found' || detail.error.code === 'not-owner')
    // A supervisor of another area is a colleague here.
    if (foreign && row) return <Locked row={row} accept={accept} />
    return foreign ? (
      <Empty title={t('incident.notYours')}>{t('incident.notYoursHint')}</Empty>
    ) : (
      <ErrorNote error={detail.error} retry={() => void detail.refetch()} />
    )
  }
  if (!detail.data || !shown) return <p style={{ padding: 20 }}>{t('ui.loading')}</p>
  const view = detail.data
  return (
    <article className="workspace" data-work tabIndex={-1} aria-label={t('incident.title', { number: shown.number })}>
      <Head
        row={shown}
        name={view.resident?.nameToUse || view.resident?.name}
        over={timeline.data?.items.findLast((fact) => fact.type === 'closed')?.at}
      />
      <div className="workspace-main">
        <div className="stack">
          {!view.resident && shown.ownerId === me.id && shown.kind === 'call' && slots.identify(view)}
          <ScreenPop detail={view} map={slots.map(view)} readOnly={shown.status === 'closed'} />
        </div>
        <div className="stack">
          {view.outage && slots.outage(view)}
          {shown.ownerId === me.id ? (
            <Step row={shown} detail={view} slots={slots} facts={timeline.data?.items ?? []} />
          ) : (
            <Watching row={shown} slots={slots} detail={view} facts={timeline.data?.items ?? []} />
          )}
          <section className="card">
            <h3>{t('incident.timeline')}</h3>
            <Timeline
              items={timeline.data?.items ?? []}
              intact={timeline.data?.intact ?? true}
              assignments={view.assignments}
              contacts={view.resident?.contacts ?? []}
              incidentClass={shown.class}
            />
          </section>
        </div>
      </div>
    </article>
  )
}

/** One branch for each status; the compiler stops us when one is missing. */
type StepProps = { row: IncidentRow; detail: IncidentDetail; slots: Slots; facts: FactView[] }
function Step({ row, detail, slots, facts }: StepProps): ReactNode {
  switch (row.status) {
    case 'waiting':
      return null
    case 'triage':
    case 'response':
      return (
        <>
          <FirstTest detail={detail} />
          {slots.calls(detail, facts)}
          <Actions row={row} detail={detail} />
          {row.status === 'response' && slots.assignments(detail)}
          <Triage row={row} detail={detail} />
          {slots.helpers(detail)}
          <Notes id={row.id} />
        </>
      )
    case 'wrap-up':
      return (
        <>
          <WrapUp row={row} sent={detail.assignments.length > 0} />
          {slots.calls(detail, facts)}
        </>
      )
    case 'closed':
      return (
        <>
          <ClosureSummary detail={detail} />
          {slots.calls(detail, facts)}
        </>
      )
  }
}

function Watching({ row, detail, slots, facts }: StepProps) {
  const me = useSignedIn()
  return (
    <>
      {row.status !== 'closed' &&
        (may(me, 'supervise') ? (
          <section className="card">{slots.lead(row)}</section>
        ) : (
          row.status !== 'waiting' && <TakeOver row={row} />
        ))}
      {row.status === 'closed' && <ClosureSummary detail={detail} />}
      {slots.calls(detail, facts)}
      {detail.assignments.length > 0 && slots.assignments(detail)}
    </>
  )
}

function Head({ row, name, over }: { row: IncidentRow; name: string | undefined; over?: string | undefined }) {
  const { t } = useTranslation()
  const promiseLeft = useLeft(row.promiseAt)
  const kind = t(kindWord(row.kind, useMedium(row.id)))
  return (
    <header className="workspace-head">
      <ClassBadge value={row.class} />
      {name ? <h2 className="person-name">{name}</h2> : <h2>{kind}</h2>}
      {name && <span>{kind}</span>}
      <span className="muted num">#{row.number}</span>
      <span className="chip accent">{t(`words.status.${row.status}`)}</span>
      <span className="chip">
        {t(row.status === 'closed' ? 'incident.took' : 'incident.since')}{' '}
        {(row.status !== 'closed' || over) && <Elapsed since={row.queuedAt} until={over} />}
      </span>
      {row.promiseAt && row.status === 'response' && (
        <span className={`chip ${promiseLeft < 0 ? 'red pulse' : ''}`}>
          {promiseLeft < 0
            ? t('incident.promiseLate', { n: Math.ceil(-promiseLeft / 60_000) })
            : t('incident.promiseIn', { n: Math.ceil(promiseLeft / 60_000) })}
        </span>
      )}
      {row.heldUntil && <Held until={row.heldUntil} />}
      {row.previousId && <span className="chip amber">{t('board.unresolved')}</span>}
    </header>
  )
}

function Held({ until }: { until: string }) {
  const { t } = useTranslation()
  const left = useLeft(until)
  return <span className="chip amber">{t('incident.heldFor', { n: Math.max(0, Math.ceil(left / 60_000)) })}</span>
}

/** Somebody else's, or nobody's yet: what may be known without the file, and what can be done. */
function Locked({ row, accept }: { row: IncidentRow; accept: (id: string) => void }) {
  const { t } = useTranslation()
  const [reason, setReason] = useState<string>()
  if (reason) {
    const head = ({ resident }: IncidentDetail) => <Head row={row} name={resident?.nameToUse || resident?.name} />
    return <ThroughGlass id={row.id} reason={reason} head={head} close={() => setReason(undefined)} />
  }
  return (
    <article className="workspace">
      <Head row={row} name={undefined} />
      <div className="card stack" style={{ margin: 16, alignItems: 'flex-start' }}>
        <p>{t(row.status === 'waiting' ? 'incident.takeFirst' : 'incident.ownedByOther')}</p>
        {row.status === 'waiting' ? (
          <button type="button" className="btn primary" onClick={() => accept(row.id)}>
            {t('board.accept')} <kbd>A</kbd>
          </button>
        ) : (
          <>
            <TakeOver row={row} />
            <GlassForm look={setReason} />
          </>
        )}
      </div>
    </article>
  )
}
