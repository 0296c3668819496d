import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { incidentRoutes } from '../../server/contracts/incidents.ts'
import { call } from '../lib/api.ts'
import { Empty, ErrorNote } from '../ui/marks.tsx'
import { About, useAlerts } from './leader-alerts.tsx'
import { LooksToReview } from './looks.tsx'

/** What needs a team leader, newest first, until it is dealt with. */
export function AlertsPage() {
  const { t } = useTranslation()
  const { data, error, refetch } = useAlerts()
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
            <About alert={alert} />
            {alert.kind === 'hard-limit' && alert.incidentId && <Dismiss id={alert.incidentId} />}
          </li>
        ))}
      </ul>
      <LooksToReview />
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
