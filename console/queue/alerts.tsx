import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { incidentRoutes } from '../../server/contracts/incidents.ts'
import { queueRoutes as api } from '../../server/contracts/queue.ts'
import { call } from '../lib/api.ts'
import { useAreas } from '../lib/session.ts'
import { onPush } from '../lib/socket.ts'
import { ClassBadge, Empty, ErrorNote, When } from '../ui/marks.tsx'

/** What needs a team leader, newest first. A push only wakes the list; it is a query. */
export function AlertsPage() {
  const { t } = useTranslation()
  const client = useQueryClient()
  const { lineOf } = useAreas()
  const { data, error, refetch } = useQuery({
    queryKey: ['alerts'],
    queryFn: () => call(api.alerts),
    refetchInterval: 10_000,
  })
  useEffect(() => onPush('alert.raised', () => void client.invalidateQueries({ queryKey: ['alerts'] })), [client])
  return (
    <div className="page-inner">
      <div className="spread">
        <h1>{t('shell.place.alerts')}</h1>
      </div>
      {error && <ErrorNote error={error} retry={() => void refetch()} />}
      {data?.items.length === 0 && <Empty title={t('alerts.none')}>{t('alerts.noneHint')}</Empty>}
      <ul className="stack">
        {data?.items.map((alert) => (
          <li className="card row" key={alert.id}>
            {alert.row && <ClassBadge value={alert.row.class} />}
            <strong>{t(`words.alert.${alert.kind}`)}</strong>
            {alert.row && (
              <Link to="/" search={{ incident: alert.row.id }}>
                #{alert.row.number}
              </Link>
            )}
            {alert.row && <span className="muted">{lineOf(alert.row.areaId)}</span>}
            <When at={alert.at} />
            {alert.kind === 'hard-limit' && alert.incidentId && <Dismiss id={alert.incidentId} />}
          </li>
        ))}
      </ul>
    </div>
  )
}

function Dismiss({ id }: { id: string }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [reason, setReason] = useState('')
  const dismiss = useMutation({
    mutationFn: () => call(incidentRoutes.dismissLimit, { params: { id }, body: { reason } }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['alerts'] }),
  })
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault()
        dismiss.mutate()
      }}
    >
      <input
        className="field"
        style={{ width: 240 }}
        aria-label={t('alerts.reason')}
        placeholder={t('alerts.reason')}
        minLength={3}
        required
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      <button type="submit" className="btn">
        {t('alerts.dismiss')}
      </button>
      {dismiss.error && <ErrorNote error={dismiss.error} />}
    </form>
  )
}
