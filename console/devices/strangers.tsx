import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { strangerRoutes as api } from '../../server/contracts/strangers.ts'
import { call } from '../lib/api.ts'
import { ErrorNote, When } from '../ui/marks.tsx'

/** Signals of devices that nobody knows: somebody may be behind them. Nothing is shown when there are none. */
export function Strangers() {
  const { t } = useTranslation()
  const client = useQueryClient()
  const { data, error } = useQuery({
    queryKey: ['strangers'],
    queryFn: () => call(api.strangers, { query: { limit: 20 } }),
    refetchInterval: 30_000,
  })
  const review = useMutation({
    mutationFn: (id: string) => call(api.reviewStranger, { params: { id } }),
    onSettled: () => void client.invalidateQueries({ queryKey: ['strangers'] }),
  })
  if (!error && !review.error && !data?.items.length) return null
  return (
    <section className="page-inner">
      <h2 className="section-title">{t('strangers.title')}</h2>
      {(error ?? review.error) && <ErrorNote error={error ?? review.error} />}
      <ul className="stack">
        {data?.items.map((one) => (
          <li key={one.id} className="card spread">
            <span className="row">
              <strong>{one.account}</strong>
              <span className="chip">{t(`words.protocol.${one.protocol}`)}</span>
              <span className="chip amber">{t(`strangers.because.${one.because}`)}</span>
              <span className="num">{t('strangers.times', { n: one.count })}</span>
              <When at={one.lastAt} />
              <code>{one.said}</code>
            </span>
            <Button onClick={() => review.mutate(one.id)}>{t('strangers.reviewed')}</Button>
          </li>
        ))}
      </ul>
    </section>
  )
}
