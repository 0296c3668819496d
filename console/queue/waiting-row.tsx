import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import type { IncidentRow } from '../../server/contracts/incidents.ts'
import { useRow } from '../lib/board.ts'
import { serverNow, useSecond } from '../lib/clock.ts'
import { stepTime } from '../lib/escalation.ts'
import { kindWord, useMedium } from '../lib/on-the-line.ts'
import { useAreas, useSignedIn } from '../lib/session.ts'
import { clockIn } from '../lib/zone.ts'
import { ClassBadge, Elapsed } from '../ui/marks.tsx'
import { type Lateness, lateness } from './lateness.ts'
import { usePresenceNames } from './names.ts'

type Props = {
  id: string
  index: number
  top: number
  height: number
  current: boolean
  selected: boolean
  select: (id: string, index: number) => void
  accept: (id: string) => void
}

/** Renders again only when its own incident or its place changes: the list around it may change with every frame. */
export const WaitingRow = memo(function WaitingRow(props: Props) {
  const { id, index, top, height, current, selected, select, accept } = props
  const { t } = useTranslation()
  const row = useRow(id)
  const now = useSecond() * 1000
  const medium = useMedium(id)
  const { nameOf } = useAreas()
  const me = useSignedIn()
  const names = usePresenceNames()
  const style = { position: 'absolute', top, left: 0, right: 0, height } as const
  if (!row) {
    return (
      <div role="row" aria-rowindex={index + 1} className="queue-row gone" style={style}>
        <span role="gridcell" className="muted">
          {t('board.gone')}
        </span>
      </div>
    )
  }
  const late = lateness(row, now)
  return (
    <div
      role="row"
      aria-rowindex={index + 1}
      aria-selected={selected}
      className={`queue-row ${late} ${current ? 'current' : ''} ${selected ? 'selected' : ''}`}
      style={style}
    >
      <span role="gridcell">
        <ClassBadge value={row.class} />
      </span>
      <span role="gridcell" className="queue-what">
        <button type="button" className="queue-open" onClick={() => select(row.id, index)}>
          <strong>{t(kindWord(row.kind, medium))}</strong>
          <span className="muted num">#{row.number}</span>
        </button>
        <span className="queue-area" title={nameOf(row.areaId)}>
          {nameOf(row.areaId)}
        </span>
        <span className="row" style={{ gap: 4 }}>
          <Why row={row} late={late} />
          {row.ownerId && (
            <span className={`chip ${row.claimStale ? 'amber' : ''}`}>
              {row.ownerId === me.id ? t('board.mine') : (names.get(row.ownerId) ?? t('board.colleague'))}
            </span>
          )}
        </span>
      </span>
      <span role="gridcell" className="queue-side">
        <span className={`wait ${late}`}>
          <Elapsed since={row.queuedAt} />
        </span>
        {row.status === 'waiting' && (
          <button
            type="button"
            className="btn"
            onClick={() => accept(row.id)}
            aria-label={t('board.takeNumber', { number: row.number })}
          >
            {t('board.take')}
          </button>
        )}
      </span>
    </div>
  )
})

/** What has happened to it and why it stands where it stands, the most telling first: at the end there may be no room. */
export function Why({ row, late }: { row: IncidentRow; late: Lateness }) {
  const { t, i18n } = useTranslation()
  const clock = clockIn(i18n.language, { timeStyle: 'short' })
  const waiting = row.status === 'waiting'
  return (
    <>
      {row.fileClosed && <span className="chip red">{t('board.fileClosed')}</span>}
      {row.status !== 'waiting' && <span className="chip accent">{t(`words.status.${row.status}`)}</span>}
      {/* The limit is the last of the steps: one of the two says it. Once answered it is no longer what is urgent. */}
      {row.limitOpen ? (
        <span className={`chip ${waiting ? 'red' : ''}`}>{t('board.limit')}</span>
      ) : (
        waiting &&
        row.escalation >= 2 && (
          <span className={`chip ${late}`}>
            {t(`words.escalation.${row.escalation}`, { time: stepTime(row.escalation, row.class) })}
          </span>
        )
      )}
      {waiting && row.onCallAt && (
        <span className="chip accent">{t('board.onCallHas', { time: clock.format(new Date(row.onCallAt)) })}</span>
      )}
      {waiting && row.quietUntil && Date.parse(row.quietUntil) > serverNow() && (
        <span className="chip">{t('board.quiet', { at: clock.format(new Date(row.quietUntil)) })}</span>
      )}
      {row.callBack && <span className="chip red">{t('board.callBack')}</span>}
      {row.heldUntil && <span className="chip amber">{t('board.held')}</span>}
      {row.signals > 1 && <span className="chip">{t('board.signals', { n: row.signals })}</span>}
      {row.previousId && <span className="chip amber">{t('board.unresolved')}</span>}
      {row.language !== 'zh' && <span className="chip">{t(`words.language.${row.language}`)}</span>}
      {row.assignmentsOpen > 0 && (
        <span className="chip green">{t('board.helpersOut', { n: row.assignmentsOpen })}</span>
      )}
      {waiting && row.escalation === 1 && <span className="chip">{t('board.wider')}</span>}
      {waiting && <span className="chip">{t(`board.rank.${row.class}`)}</span>}
    </>
  )
}
