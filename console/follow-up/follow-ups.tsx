import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { dispatchRoutes as api } from '../../server/contracts/dispatch.ts'
import { call } from '../lib/api.ts'
import { serverNow } from '../lib/clock.ts'
import { useAreas } from '../lib/session.ts'
import { Empty, ErrorNote, When } from '../ui/marks.tsx'

const results = ['satisfied', 'not-satisfied', 'not-reached'] as const

/** Calls that were promised, most overdue first. */
export function FollowUpsPage() {
  const { t } = useTranslation()
  const client = useQueryClient()
  const { lineOf } = useAreas()
  const { data, error } = useQuery({
    queryKey: ['follow-ups'],
    queryFn: () => call(api.followUps, { query: { limit: 100 } }),
    refetchInterval: 30_000,
  })
  const complete = useMutation({
    mutationFn: ({ id, result }: { id: string; result: (typeof results)[number] }) =>
      call(api.completeFollowUp, { params: { id }, body: { result } }),
    onSettled: () => void client.invalidateQueries({ queryKey: ['follow-ups'] }),
  })
  return (
    <div className="page-inner">
      <div className="spread">
        <h1>{t('shell.place.followUps')}</h1>
      </div>
      {(error ?? complete.error) && <ErrorNote error={error ?? complete.error} />}
      {data?.items.length === 0 && <Empty title={t('followUp.none')}>{t('followUp.noneHint')}</Empty>}
      <ul className="stack">
        {data?.items.map((one) => (
          <li className="card row" key={one.id}>
            <strong>{t(`words.followUp.${one.kind}`)}</strong>
            <Link to="/" search={{ incident: one.incidentId }}>
              #{one.incidentNumber}
            </Link>
            <span className="muted">{lineOf(one.areaId)}</span>
            <span className={`chip ${new Date(one.dueAt).getTime() < serverNow() ? 'red' : ''}`}>
              <When at={one.dueAt} />
            </span>
            <span style={{ flex: 1 }} />
            {results.map((result) => (
              <button
                type="button"
                className="btn"
                key={result}
                onClick={() => complete.mutate({ id: one.id, result })}
              >
                {t(`words.followUpResult.${result}`)}
              </button>
            ))}
          </li>
        ))}
      </ul>
    </div>
  )
}
