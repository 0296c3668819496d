import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, Segmented } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { unprotectedRoutes as api, unprotectedReasons } from '../../server/contracts/unprotected.ts'
import { call } from '../lib/api.ts'
import { useAreas } from '../lib/session.ts'
import { Empty, ErrorNote, When } from '../ui/marks.tsx'

type Reason = (typeof unprotectedReasons)[number]
const pageSize = 50

/** Whose call may not be heard, the frailest first: each leads to their file, where what is wrong is put right. */
export function UnprotectedPage() {
  const { t } = useTranslation()
  const { lineOf } = useAreas()
  const [reason, setReason] = useState<Reason | 'all'>('all')
  const [cursors, setCursors] = useState<string[]>([])
  const cursor = cursors.at(-1)
  const { data, error } = useQuery({
    queryKey: ['unprotected', reason, cursor],
    queryFn: () => call(api.unprotected, { query: { limit: pageSize, cursor, ...(reason !== 'all' && { reason }) } }),
    refetchInterval: 30_000,
  })
  const choose = (to: Reason | 'all') => {
    setReason(to)
    setCursors([])
  }
  return (
    <div className="page-inner">
      <h1>{t('shell.place.unprotected')}</h1>
      <Segmented
        aria-label={t('unprotected.filter')}
        value={reason}
        onChange={choose}
        options={(['all', ...unprotectedReasons] as const).map((value) => ({
          value,
          label: t(`unprotected.reason.${value}`),
        }))}
      />
      {error && <ErrorNote error={error} />}
      {data?.items.length === 0 && <Empty title={t('unprotected.none')}>{t('unprotected.noneHint')}</Empty>}
      <ul className="stack" style={{ marginTop: 14 }}>
        {data?.items.map((one) => (
          <li key={one.residentId} className="card spread">
            <span className="stack">
              <Link to="/residents" search={{ id: one.residentId }}>
                <strong>{one.name}</strong>
              </Link>
              <span className="row">
                {lineOf(one.areaId)}
                {one.risks.map((risk) => (
                  <span key={risk} className="chip">
                    {t(`words.risk.${risk}`)}
                  </span>
                ))}
              </span>
            </span>
            <span className="row">
              {one.reasons.map((why) => (
                <span key={why} className={`chip ${why === 'silent' ? 'red' : 'amber'}`}>
                  {t(`unprotected.reason.${why}`)}
                </span>
              ))}
              {one.silentSince && <When at={one.silentSince} />}
              <span className="num">
                {one.daysSinceTest === null
                  ? t('unprotected.neverTested')
                  : t('unprotected.tested', { n: one.daysSinceTest })}
              </span>
            </span>
          </li>
        ))}
      </ul>
      <span className="row" style={{ marginTop: 14 }}>
        {cursors.length > 0 && (
          <Button onClick={() => setCursors(cursors.slice(0, -1))}>{t('unprotected.back')}</Button>
        )}
        {data?.next && (
          <Button onClick={() => setCursors([...cursors, data.next as string])}>{t('unprotected.more')}</Button>
        )}
      </span>
    </div>
  )
}
