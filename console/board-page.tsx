import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { CallPanel } from './calls/call-panel.tsx'
import { Identify } from './calls/identify.tsx'
import { OutagePanel } from './calls/outage-panel.tsx'
import { Assignments } from './dispatch/assignments.tsx'
import { Helpers } from './dispatch/helpers.tsx'
import { HelpersMap } from './dispatch/map.tsx'
import { HandOverSummary } from './incidents/hand-over-summary.tsx'
import { type Slots, Workspace } from './incidents/workspace.tsx'
import { useRow } from './lib/board.ts'
import { kindWord, useMedium } from './lib/on-the-line.ts'
import { useAccept } from './queue/accept.ts'
import { LeadActions } from './queue/lead-actions.tsx'
import { WaitingList } from './queue/waiting-list.tsx'
import { useOwned } from './shell/frame.tsx'
import { ClassBadge, Empty, ErrorNote } from './ui/marks.tsx'

const slots: Slots = {
  calls: (detail, facts) => <CallPanel detail={detail} facts={facts} summary={<HandOverSummary detail={detail} />} />,
  identify: (detail) => <Identify detail={detail} />,
  helpers: (detail) => <Helpers detail={detail} />,
  map: (detail) => <HelpersMap detail={detail} />,
  assignments: (detail) => <Assignments detail={detail} />,
  outage: (detail) => <OutagePanel detail={detail} />,
  lead: (row) => <LeadActions row={row} />,
}

/** The live board: the queue on the left, the work beside it. */
export function BoardPage() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { incident: selected } = useSearch({ from: '/frame/allowed/' })
  const { accept, error } = useAccept()
  const select = useCallback((id: string) => void navigate({ to: '/', search: { incident: id } }), [navigate])
  return (
    <div className="board">
      <div>{error !== undefined && <ErrorNote error={error} />}</div>
      <div className="board-main">
        <h1 className="sr-only">{t('shell.place.board')}</h1>
        <WaitingList selected={selected} select={select} accept={accept} />
        <div style={{ display: 'grid', gridTemplateRows: 'auto 1fr', minHeight: 0, minWidth: 0 }}>
          <Tabs selected={selected} select={select} />
          {selected ? (
            <Workspace key={selected} id={selected} slots={slots} accept={accept} />
          ) : (
            <Empty title={t('incident.nothingOpen')}>{t('incident.nothingOpenHint')}</Empty>
          )}
        </div>
      </div>
    </div>
  )
}

/** What I have in hand stays a tab: a new one opens beside it and never over it. */
function Tabs({ selected, select }: { selected: string | undefined; select: (id: string) => void }) {
  const { t } = useTranslation()
  const owned = useOwned()
  if (owned.length === 0) return <span />
  return (
    <div className="workspace-tabs" role="tablist" aria-label={t('incident.mine')}>
      {owned.map((id) => (
        <Tab key={id} id={id} on={id === selected} select={select} />
      ))}
    </div>
  )
}

function Tab({ id, on, select }: { id: string; on: boolean; select: (id: string) => void }) {
  const { t } = useTranslation()
  const row = useRow(id)
  const medium = useMedium(id)
  if (!row) return null
  return (
    <button type="button" role="tab" aria-selected={on} onClick={() => select(id)}>
      <ClassBadge value={row.class} />
      {t(kindWord(row.kind, medium))} <span className="muted num">#{row.number}</span>
    </button>
  )
}
