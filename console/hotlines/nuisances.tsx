import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { hotlineRoutes as api } from '../../server/contracts/hotlines.ts'
import { call } from '../lib/api.ts'
import { phoneText } from '../lib/phone-text.ts'
import { ErrorNote, When } from '../ui/marks.tsx'

const queryKey = ['nuisances']

/** Marked numbers, why, and until when; each can be made an ordinary one again. */
export function Nuisances() {
  const { t } = useTranslation()
  const client = useQueryClient()
  const { data, error } = useQuery({ queryKey, queryFn: () => call(api.nuisances) })
  const end = useMutation({
    mutationFn: (id: string) => call(api.endNuisance, { params: { id } }),
    onSuccess: () => void client.invalidateQueries({ queryKey }),
  })
  return (
    <section className="page-inner stack">
      <h2>{t('calls.nuisance.title')}</h2>
      <p className="muted">{t('calls.nuisance.what')}</p>
      {(error ?? end.error) && <ErrorNote error={error ?? end.error} />}
      {data?.items.length === 0 && <p>{t('calls.nuisance.none')}</p>}
      <ul className="stack">
        {data?.items.map((one) => (
          <li key={one.id} className="row">
            <strong className="num">{phoneText(one.number)}</strong>
            <span>{one.reason}</span>
            <span className="muted">
              {one.byName} · {t('calls.nuisance.until')} <When at={one.expiresAt} />
            </span>
            <button type="button" className="btn" onClick={() => end.mutate(one.id)}>
              {t('calls.nuisance.end')}
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
