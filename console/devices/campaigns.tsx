import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { type ReactNode, useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { campaignRoutes as api, type CampaignView } from '../../server/contracts/campaigns.ts'
import { call } from '../lib/api.ts'
import { may, useAreas, useSignedIn } from '../lib/session.ts'
import { ErrorNote, When } from '../ui/marks.tsx'
import { NewCampaign } from './new-campaign.tsx'
import { TestCall } from './test-call.tsx'
import './unprotected.css'

const againEveryMs = 10_000

/** Who is called for a test, how far that is, and the one whom I call now. */
export function Campaigns() {
  const { t } = useTranslation()
  const me = useSignedIn()
  const client = useQueryClient()
  const [starting, setStarting] = useState(false)
  const [mine, setMine] = useState<string>()
  const { data, error } = useQuery({
    queryKey: ['campaigns'],
    queryFn: () => call(api.campaigns),
    refetchInterval: againEveryMs,
  })
  const refresh = useCallback(() => void client.invalidateQueries({ queryKey: ['campaigns'] }), [client])
  const next = useMutation({
    mutationFn: (id: string) => call(api.nextTestCall, { params: { id } }),
    onSuccess: ({ call: taken }) => {
      if (taken) client.setQueryData(['test-call', taken.id], taken)
      setMine(taken?.id)
    },
    onSettled: refresh,
  })
  const stop = useMutation({
    mutationFn: (id: string) => call(api.stopCampaign, { params: { id } }),
    onSettled: refresh,
  })
  const leads = may(me, 'supervise')
  const shown = error ?? next.error ?? stop.error
  const until = data?.hours.until ?? null
  return (
    <section className="card stack" aria-label={t('unprotected.campaign.title')} style={{ margin: '14px 0' }}>
      <div className="spread">
        <h2 className="section-title">{t('unprotected.campaign.title')}</h2>
        {leads && !starting && <Button onClick={() => setStarting(true)}>{t('unprotected.campaign.start')}</Button>}
      </div>
      {starting && <NewCampaign close={() => setStarting(false)} />}
      {shown && <ErrorNote error={shown} />}
      {data && !data.hours.open && (
        <p className="chip amber">
          {t('unprotected.campaign.closedUntil')} <When at={until} />
        </p>
      )}
      {data?.items.length === 0 && <p className="muted">{t('unprotected.campaign.none')}</p>}
      {next.data?.call === null && <p className="chip">{t('unprotected.campaign.nobodyNow')}</p>}
      {mine && <TestCall key={mine} id={mine} changed={refresh} next={(campaignId) => next.mutate(campaignId)} />}
      <ul className="stack">
        {data?.items.map((one) => (
          <Progress key={one.id} one={one}>
            {one.open > 0 && data.hours.open && (
              <Button type="primary" loading={next.isPending} onClick={() => next.mutate(one.id)}>
                {t('unprotected.campaign.next')}
              </Button>
            )}
            {leads && one.open > 0 && !one.stoppedAt && (
              <Button onClick={() => stop.mutate(one.id)}>{t('unprotected.campaign.stop')}</Button>
            )}
          </Progress>
        ))}
      </ul>
    </section>
  )
}

function Progress({ one, children }: { one: CampaignView; children: ReactNode }) {
  const { t } = useTranslation()
  const { lineOf } = useAreas()
  const done = one.all - one.open
  const name = `${lineOf(one.areaId)} · ${t(`unprotected.reason.${one.reason ?? 'all'}`)}`
  return (
    <li className="campaign-row">
      <strong>{name}</strong>
      <progress max={one.all} value={done} aria-label={name} />
      <span className="num">{t('unprotected.campaign.progress', { done, all: one.all })}</span>
      <span className="chip green">{t('unprotected.campaign.pressed', { n: one.pressed })}</span>
      {one.noAnswer > 0 && (
        <span className="chip amber">{t('unprotected.campaign.noAnswer', { n: one.noAnswer })}</span>
      )}
      {one.faulty > 0 && <span className="chip red">{t('unprotected.campaign.faulty', { n: one.faulty })}</span>}
      {one.taken > 0 && <span className="chip accent">{t('unprotected.campaign.taken', { n: one.taken })}</span>}
      {one.open === 0 && (
        <span className="chip">{t(one.stoppedAt ? 'unprotected.campaign.stopped' : 'unprotected.campaign.over')}</span>
      )}
      <span className="muted">
        {t('unprotected.campaign.by', { name: one.createdBy })} <When at={one.createdAt} />
      </span>
      {children}
    </li>
  )
}
