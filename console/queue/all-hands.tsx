import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type AllHandsView, allHandsRoutes as api } from '../../server/contracts/all-hands.ts'
import { call } from '../lib/api.ts'
import { may, useAreas, useSignedIn } from '../lib/session.ts'
import { onPush } from '../lib/socket.ts'
import { announce } from '../lib/sounds.ts'
import { ErrorNote, When } from '../ui/marks.tsx'
import { ReasonForm } from '../ui/reason-form.tsx'

const key = ['all-hands']

/** The calls to everybody that are on; woken by a push, and asked for by itself since one may be lost. */
function useAllHands(): AllHandsView[] {
  const client = useQueryClient()
  useEffect(() => onPush('all-hands.changed', () => void client.invalidateQueries({ queryKey: key })), [client])
  const { data } = useQuery({
    queryKey: key,
    queryFn: () => call(api.allHands),
    refetchInterval: 10_000,
    refetchIntervalInBackground: true,
  })
  return data?.items ?? []
}

/** On every page: a leader calls everybody. It stays until I say that I have seen it. */
export function AllHandsStrip() {
  const { t } = useTranslation()
  const client = useQueryClient()
  const { nameOf } = useAreas()
  const [first] = useAllHands().filter((one) => !one.seen)
  const heard = useRef<string>(undefined)
  useEffect(() => {
    if (!first || heard.current === first.id) return
    heard.current = first.id
    announce()
  }, [first])
  const see = useMutation({
    mutationFn: (id: string) => call(api.seeAllHands, { params: { id }, body: {} }),
    onSettled: () => void client.invalidateQueries({ queryKey: key }),
  })
  if (!first) return null
  return (
    <section className="leader-strip all-hands" role="alert" aria-label={t('alerts.allHands')}>
      <strong>{t('alerts.allHands')}</strong>
      <span>{first.text}</span>
      <span className="muted">
        {nameOf(first.areaId)} · {first.byName}
      </span>
      <When at={first.at} />
      <span className="grow" />
      <button type="button" className="btn primary" disabled={see.isPending} onClick={() => see.mutate(first.id)}>
        {t('alerts.aside')}
      </button>
      {see.error && <ErrorNote error={see.error} />}
    </section>
  )
}

/** For a leader: one button that calls everybody of their area, and who has seen what is on. */
export function CallAllHands() {
  const { t } = useTranslation()
  const me = useSignedIn()
  const client = useQueryClient()
  const { nameOf } = useAreas()
  const on = useAllHands()
  const [asking, setAsking] = useState(false)
  const own = me.roles.filter((one) => one.role === 'supervisor').map((one) => one.areaId)
  const [chosen, setChosen] = useState(own[0])
  const again = { onSettled: () => void client.invalidateQueries({ queryKey: key }) }
  const run = useMutation({
    mutationFn: (text: string) => call(api.callAllHands, { body: { areaId: chosen as string, text } }),
    onSuccess: () => setAsking(false),
    ...again,
  })
  const end = useMutation({ mutationFn: (id: string) => call(api.endAllHands, { params: { id }, body: {} }), ...again })
  if (!may(me, 'supervise') || !chosen) return null
  return (
    <div className="stack">
      {on.map((one) => (
        <div className="card row" key={one.id}>
          <strong>{t('alerts.allHands')}</strong> <span>{one.text}</span>
          <span className="muted">{nameOf(one.areaId)}</span> <When at={one.at} />
          <span className="chip accent num" role="status">
            {t('alerts.seenBy', { n: one.seenBy })}
          </span>
          <span className="grow" />
          <button type="button" className="btn" disabled={end.isPending} onClick={() => end.mutate(one.id)}>
            {t('alerts.allHandsOver')}
          </button>
        </div>
      ))}
      <div className="row">
        <button type="button" className="btn danger" aria-expanded={asking} onClick={() => setAsking(!asking)}>
          {t('alerts.callAll')}
        </button>
        {asking &&
          own.length > 1 &&
          own.map((id) => (
            <button
              type="button"
              key={id}
              className={`btn ${id === chosen ? 'on' : ''}`}
              aria-pressed={id === chosen}
              onClick={() => setChosen(id)}
            >
              {nameOf(id)}
            </button>
          ))}
      </div>
      {asking && (
        <ReasonForm
          ask={t('alerts.callAllWhat', { area: nameOf(chosen) })}
          button={t('alerts.callAllNow')}
          run={run.mutate}
          pending={run.isPending}
          error={run.error}
          danger
        />
      )}
      {end.error && <ErrorNote error={end.error} />}
    </div>
  )
}
