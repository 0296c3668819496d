import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, Segmented } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { unprotectedRoutes as api, unprotectedReasons } from '../../server/contracts/unprotected.ts'
import { call } from '../lib/api.ts'
import { may, useAreas, useSignedIn } from '../lib/session.ts'
import { Empty, ErrorNote, When } from '../ui/marks.tsx'
import { Campaigns } from './campaigns.tsx'
import type { Reason } from './reason-marks.ts'
import { UnprotectedMapView } from './unprotected-map.tsx'

const pageSize = 50

/** Whose call may not be heard, the frailest first: each leads to their file, where what is wrong is put right. */
export function UnprotectedPage() {
  const { t } = useTranslation()
  const me = useSignedIn()
  const [onMap, setOnMap] = useState(false)
  const [reason, setReason] = useState<Reason | 'all'>('all')
  return (
    <div className="page-inner">
      <h1>{t('shell.place.unprotected')}</h1>
      {may(me, 'handle-incident') && <Campaigns />}
      <span className="row">
        <Segmented
          aria-label={t('unprotected.filter')}
          value={reason}
          onChange={setReason}
          options={(['all', ...unprotectedReasons] as const).map((value) => ({
            value,
            label: t(`unprotected.reason.${value}`),
          }))}
        />
        <Segmented
          aria-label={t('unprotected.view')}
          value={onMap}
          onChange={setOnMap}
          options={[
            { value: false, label: t('unprotected.asList') },
            { value: true, label: t('unprotected.asMap') },
          ]}
        />
      </span>
      {onMap ? (
        <UnprotectedMapView reason={reason === 'all' ? undefined : reason} />
      ) : (
        <List key={reason} reason={reason} />
      )}
    </div>
  )
}

function List({ reason }: { reason: Reason | 'all' }) {
  const { t } = useTranslation()
  const { lineOf } = useAreas()
  const [cursors, setCursors] = useState<string[]>([])
  const cursor = cursors.at(-1)
  const { data, error } = useQuery({
    queryKey: ['unprotected', reason, cursor],
    queryFn: () => call(api.unprotected, { query: { limit: pageSize, cursor, ...(reason !== 'all' && { reason }) } }),
    refetchInterval: 30_000,
  })
  return (
    <>
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
    </>
  )
}
