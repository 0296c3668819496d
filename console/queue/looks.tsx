import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { accessRoutes as api, type LookToReview } from '../../server/contracts/access.ts'
import { call } from '../lib/api.ts'
import { useAreas } from '../lib/session.ts'
import { ErrorNote, When } from '../ui/marks.tsx'

/** Looks through a broken glass that no leader has reviewed; woken with the alerts. */
export const useLooks = () =>
  useQuery({
    queryKey: ['alerts', 'looks'],
    queryFn: () => call(api.looksToReview),
    refetchInterval: 30_000,
    refetchIntervalInBackground: true,
  })

/** Below the alerts: each look with its reason, until a leader says that it was right, or what was said to whom. */
export function LooksToReview() {
  const { t } = useTranslation()
  const { data, error, refetch } = useLooks()
  if (error) return <ErrorNote error={error} retry={() => void refetch()} />
  if (!data || data.items.length === 0) return null
  return (
    <section className="stack" aria-label={t('alerts.looks')}>
      <h2>{t('alerts.looks')}</h2>
      <p className="muted">{t('alerts.looksHint')}</p>
      <ul className="stack">
        {data.items.map((look) => (
          <li className="card row" key={look.id}>
            <Look look={look} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Look({ look }: { look: LookToReview }) {
  const { t } = useTranslation()
  const { lineOf } = useAreas()
  const client = useQueryClient()
  const [note, setNote] = useState('')
  const review = useMutation({
    mutationFn: () => call(api.reviewLook, { params: { id: look.id }, body: { note } }),
    onSettled: () => void client.invalidateQueries({ queryKey: ['alerts', 'looks'] }),
  })
  return (
    <>
      <strong>{look.accountName}</strong>
      <Link to="/" search={{ incident: look.incidentId }}>
        #{look.incidentNumber}
      </Link>
      <span>{look.reason}</span>
      <span className="muted">{lineOf(look.areaId)}</span>
      <When at={look.at} />
      <span style={{ flex: 1 }} />
      {look.own ? (
        <span className="muted">{t('alerts.ownLook')}</span>
      ) : (
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault()
            review.mutate()
          }}
        >
          <input
            className="field"
            style={{ width: 240 }}
            aria-label={t('alerts.reviewNote')}
            placeholder={t('alerts.reviewNote')}
            maxLength={300}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
          <button type="submit" className="btn" disabled={review.isPending}>
            {t('alerts.reviewed')}
          </button>
        </form>
      )}
      {review.error && <ErrorNote error={review.error} />}
    </>
  )
}
