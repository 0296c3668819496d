import { useVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { board, useBoardIds } from '../lib/board.ts'
import { useKeys } from '../lib/keys.ts'
import { useSignedIn } from '../lib/session.ts'
import { Empty } from '../ui/marks.tsx'
import { WaitingRow } from './waiting-row.tsx'
import './queue.css'

const rowHeight = 80
type Filter = 'waiting' | 'mine' | 'all'

/** What the filter shows, and how many wait and are mine: one pass, since it may be ten thousand. */
function sorted(all: string[], filter: Filter, me: string): { live: string[]; waiting: number; mine: number } {
  const live: string[] = []
  let waiting = 0
  let mine = 0
  for (const id of all) {
    const row = board.row(id)
    const waits = row?.status === 'waiting'
    const own = row?.ownerId === me
    if (waits) waiting += 1
    if (own) mine += 1
    if (filter === 'all' || (filter === 'mine' ? own : waits)) live.push(id)
  }
  return { live, waiting, mine }
}

/** The live list, in the order of the queue. While pointer or focus is in it the order stands still; contents go on changing. */
export function WaitingList({
  selected,
  select,
  accept,
}: {
  selected: string | undefined
  select: (id: string) => void
  accept: (id: string) => void
}) {
  const { t } = useTranslation()
  const me = useSignedIn()
  const [filter, setFilter] = useState<Filter>('waiting')
  const all = useBoardIds()
  const { live, waiting, mine } = useMemo(() => sorted(all, filter, me.id), [all, filter, me.id])
  const [frozen, setFrozen] = useState<string[] | undefined>()
  const ids = frozen ?? live
  const fresh = frozen ? live.filter((id) => !frozen.includes(id)).length : 0
  const [cursor, setCursor] = useState(0)
  const at = Math.min(cursor, Math.max(0, ids.length - 1))
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: ids.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  })
  const move = (by: number) => {
    const next = Math.max(0, Math.min(ids.length - 1, at + by))
    setCursor(next)
    virtual.scrollToIndex(next)
  }
  const open = useCallback(
    (id: string, index: number) => {
      setCursor(index)
      select(id)
    },
    [select],
  )
  const here = ids[at]
  useKeys([
    { key: 'ArrowDown', does: 'keys.next', run: () => move(1) },
    { key: 'ArrowUp', does: 'keys.previous', run: () => move(-1) },
    { key: 'Enter', does: 'keys.open', run: () => here && select(here) },
    { key: 'a', does: 'keys.take', run: () => here && board.row(here)?.status === 'waiting' && accept(here) },
    {
      key: 'w',
      does: 'keys.waiting',
      run: () => setFilter(filter === 'waiting' ? 'mine' : filter === 'mine' ? 'all' : 'waiting'),
    },
  ])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter is another list
  useEffect(() => {
    setFrozen(undefined)
    setCursor(0)
  }, [filter])
  const tab = (value: Filter, n: number) => (
    <button
      type="button"
      role="tab"
      aria-selected={filter === value}
      className={`tab ${filter === value ? 'on' : ''}`}
      onClick={() => setFilter(value)}
    >
      {t(`board.filter.${value}`)} <span className="num">{n}</span>
    </button>
  )
  return (
    <section className="queue" aria-label={t('board.list')}>
      <div className="tabs" role="tablist" aria-label={t('board.list')}>
        {tab('waiting', waiting)}
        {tab('mine', mine)}
        {tab('all', all.length)}
      </div>
      {fresh > 0 && (
        <button type="button" className="fresh" onClick={() => setFrozen(undefined)}>
          {t('board.fresh', { n: fresh })}
        </button>
      )}
      {ids.length === 0 ? (
        <Empty title={t(`board.none.${filter}`)}>{t('board.noneHint')}</Empty>
      ) : (
        // biome-ignore lint/a11y/noStaticElementInteractions: it only notes that the pointer is in it
        <div
          ref={scroller}
          className="queue-scroll"
          onMouseEnter={() => setFrozen(live)}
          onMouseLeave={() => setFrozen(undefined)}
        >
          <div
            role="grid"
            aria-label={t('board.list')}
            aria-rowcount={ids.length}
            style={{ height: virtual.getTotalSize(), position: 'relative' }}
          >
            {virtual.getVirtualItems().map((item) => (
              <WaitingRow
                key={ids[item.index]}
                id={ids[item.index] as string}
                index={item.index}
                top={item.start}
                height={rowHeight}
                current={item.index === at}
                selected={ids[item.index] === selected}
                select={open}
                accept={accept}
              />
            ))}
          </div>
        </div>
      )}
    </section>
  )
}
