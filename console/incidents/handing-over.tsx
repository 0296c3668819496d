import { useTranslation } from 'react-i18next'
import { incidentRoutes as api, type IncidentRow } from '../../server/contracts/incidents.ts'
import { call } from '../lib/api.ts'
import { ErrorNote } from '../ui/marks.tsx'
import { useCommand } from './detail.ts'
import { usePeople } from './people.ts'

/** A transfer rings at a colleague, or was not taken: either way it is still mine, and that is said here. */
export function HandingOver({ row }: { row: IncidentRow }) {
  const { t } = useTranslation()
  const { nameOf } = usePeople()
  const keep = useCommand(() => call(api.withdrawTransfer, { params: { id: row.id }, body: {} }))
  if (row.offeredTo)
    return (
      <div className="row" role="status">
        <span className="chip accent">{t('incident.ringsAt', { name: nameOf(row.offeredTo) })}</span>
        <button type="button" className="btn quiet" disabled={keep.isPending} onClick={() => keep.mutate(undefined)}>
          {t('incident.takeBack')}
        </button>
        {keep.error && <ErrorNote error={keep.error} />}
      </div>
    )
  if (!row.notTakenBy) return null
  return (
    <p className="note-warn" role="alert">
      {t('incident.notTaken', { name: nameOf(row.notTakenBy) })}
    </p>
  )
}
