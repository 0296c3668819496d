import { useQuery } from '@tanstack/react-query'
import { type CSSProperties, type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { queueRoutes as api, type Wallboard } from '../../server/contracts/queue.ts'
import { presenceStatuses } from '../../server/contracts/vocabulary.ts'
import { call } from '../lib/api.ts'
import { board, useBoardIds } from '../lib/board.ts'
import { useSecond } from '../lib/clock.ts'
import { Elapsed, ErrorNote } from '../ui/marks.tsx'
import { lateness } from './lateness.ts'
import './queue.css'

const target15 = 0.95
const target60 = 0.975

/** For the wall: how many wait and how long, who is there, what is promised. No person is ranked. */
export function WallboardPage() {
  const { t } = useTranslation()
  // Read once: the router drops what it does not know from the address.
  const [alone] = useState(() => new URLSearchParams(location.search).has('wall'))
  useEffect(() => {
    if (alone) document.documentElement.dataset['wall'] = ''
    return () => {
      delete document.documentElement.dataset['wall']
    }
  }, [alone])
  const { data, error, refetch } = useQuery({
    queryKey: ['wallboard'],
    queryFn: () => call(api.wallboard),
    refetchInterval: 3_000,
  })
  const late = useAnybodyLate()
  if (error) return <ErrorNote error={error} retry={() => void refetch()} />
  if (!data) return <p className="page-inner">{t('ui.loading')}</p>
  return (
    <div className="wall">
      <div className="spread">
        <h1>{t('wall.title')}</h1>
        {!alone && (
          <a className="btn" href="/wallboard?wall=1" target="_blank" rel="noreferrer">
            {t('wall.fullScreen')}
          </a>
        )}
      </div>
      <Group name="waitingGroup" tiles={6}>
        <Tile name="waiting" bad={late} value={data.waiting} />
        <div className={`tile ${late ? 'bad' : ''}`}>
          {t('wall.longest')}
          <b>{data.oldestWaitingSince ? <Elapsed since={data.oldestWaitingSince} /> : '–'}</b>
        </div>
        {[1, 2, 3, 4].map((incidentClass) => (
          <div className="tile" key={incidentClass}>
            {t('wall.waitingOf', { class: t(`words.class.${incidentClass}`) })}
            <b>{data.waitingByClass[incidentClass] ?? 0}</b>
          </div>
        ))}
      </Group>
      <Group name="answeredGroup" tiles={4}>
        <Share name="within15" value={data.within15} target={target15} />
        <Share name="within60" value={data.within60} target={target60} />
        <Share name="within180" value={data.within180} target={0.99} />
        <Tile name="answered" value={data.answeredToday} />
      </Group>
      <Group name="casesGroup" tiles={6}>
        <Tile name="owned" value={data.owned} />
        <Tile name="held" value={data.held} />
        <Tile name="offers" value={data.offersRinging} />
        <Tile name="assignments" value={data.assignmentsOpen} />
        <Tile name="late" value={data.latePromises} bad={data.latePromises > 0} />
        <Tile
          name="ledger"
          value={data.ledgerBreaches}
          bad={data.ledgerBreaches > 0}
          good={data.ledgerBreaches === 0}
        />
      </Group>
      <Group name="callsGroup" tiles={4}>
        <Tile name="callsWaiting" value={data.callsWaiting} bad={late && data.callsWaiting > 0} />
        <Tile name="callsTalking" value={data.callsTalking} />
        <Tile name="callBacks" value={data.callBacks} bad={data.callBacks > 0} />
        <Tile name="ladders" value={data.laddersRunning} />
      </Group>
      <Group name="operatorsGroup" tiles={presenceStatuses.length}>
        {presenceStatuses.map((status) => (
          <div className="tile" key={status}>
            {t(`words.presence.${status}`)}
            <b>{data.presence[status] ?? 0}</b>
          </div>
        ))}
      </Group>
    </div>
  )
}

/** Red is for somebody who waits longer than their class allows, and not for somebody who has just pressed. */
function useAnybodyLate(): boolean {
  const now = useSecond() * 1000
  return useBoardIds().some((id) => {
    const row = board.row(id)
    return row !== undefined && lateness(row, now) !== ''
  })
}

function Group({ name, tiles, children }: { name: string; tiles: number; children: ReactNode }) {
  const { t } = useTranslation()
  return (
    <section aria-label={t(`wall.${name}`)}>
      <h2>{t(`wall.${name}`)}</h2>
      <div className="wall-tiles" style={{ '--n': tiles } as CSSProperties}>
        {children}
      </div>
    </section>
  )
}

function Tile({
  name,
  value,
  bad = false,
  good = false,
}: {
  name: string
  value: number
  bad?: boolean
  good?: boolean
}) {
  const { t } = useTranslation()
  return (
    <div className={`tile ${bad ? 'bad' : ''} ${good ? 'good' : ''}`}>
      {t(`wall.${name}`)}
      <b>{value}</b>
    </div>
  )
}

function Share({ name, value, target }: { name: keyof Wallboard; value: number | null; target: number }) {
  const { t, i18n } = useTranslation()
  const text =
    value === null
      ? '–'
      : new Intl.NumberFormat(i18n.language, { style: 'percent', maximumFractionDigits: 1 }).format(value)
  return (
    <div className={`tile ${value === null ? '' : value >= target ? 'good' : 'bad'}`}>
      {t(`wall.${name}`)}
      <b>{text}</b>
    </div>
  )
}
