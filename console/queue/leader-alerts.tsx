import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type AlertView, queueRoutes as api } from '../../server/contracts/queue.ts'
import { call } from '../lib/api.ts'
import { useAreas } from '../lib/session.ts'
import { onPush } from '../lib/socket.ts'
import { announce } from '../lib/sounds.ts'
import { ClassBadge, When } from '../ui/marks.tsx'
import { Telephone } from '../ui/telephone.tsx'
import { countMatters, groupAlerts, staysOpen } from './alert-groups.ts'
import { useLooks } from './looks.tsx'
import './queue.css'

/** What needs a team leader, newest first. A push only wakes the list; it is a query. */
export const useAlerts = () =>
  useQuery({
    queryKey: ['alerts'],
    queryFn: () => call(api.alerts),
    refetchInterval: 10_000,
    refetchIntervalInBackground: true,
  })

/** How many there are, at the entry of the navigation. */
export function AlertBadge() {
  const { t } = useTranslation()
  const { data } = useAlerts()
  const looks = useLooks()
  const n = countMatters(groupAlerts(data?.items ?? [])) + (looks.data?.items.filter((look) => !look.own).length ?? 0)
  if (n === 0) return null
  return (
    <span className="badge num" role="img" aria-label={t('alerts.open', { n })}>
      {n}
    </span>
  )
}

/** On every page: the gravest that was not put aside, or the one that cannot be, heard and shown: a person hears whatever page is open. */
export function AlertStrip() {
  const { t } = useTranslation()
  const client = useQueryClient()
  const { data } = useAlerts()
  const [aside, setAside] = useState<string[]>([])
  useEffect(
    () =>
      onPush('alert.raised', () => {
        announce()
        void client.invalidateQueries({ queryKey: ['alerts'] })
      }),
    [client],
  )
  // A push may be lost: what is new on the list is heard as well.
  const known = useRef<string[] | undefined>(undefined)
  useEffect(() => {
    if (!data) return
    const ids = data.items.map((alert) => alert.id)
    if (known.current && ids.some((id) => !known.current?.includes(id))) announce()
    known.current = ids
  }, [data])
  const items = data?.items ?? []
  const groups = groupAlerts(items)
  const cases = [...groups.unhelped, ...groups.inHand, ...groups.closed]
  const seen = (one: AlertView) => aside.includes(one.id)
  const first = cases.find(staysOpen) ?? cases.find((one) => !one.alerts.every(seen))
  const stays = first !== undefined && staysOpen(first)
  // What cannot be put aside says so itself; else the newest of what was raised about it.
  const alert =
    first?.alerts.find((one) => one.kind === 'hard-limit') ?? first?.alerts[0] ?? groups.other.find((one) => !seen(one))
  const more = countMatters(groups) - 1
  const said = useSentence(alert)
  return (
    <>
      <div className="sr-only" role="alert">
        {said}
      </div>
      {alert && (
        <section className="leader-strip" aria-label={t('alerts.newest')}>
          <About alert={alert} />
          <span style={{ flex: 1 }} />
          {more > 0 && <span className="muted">{t('alerts.more', { n: more })}</span>}
          {!stays && (
            <button type="button" className="btn" onClick={() => setAside(items.map((one) => one.id))}>
              {t('alerts.aside')}
            </button>
          )}
          <Link to="/alerts" className="btn">
            {t('alerts.toList')}
          </Link>
        </section>
      )}
    </>
  )
}

function useSentence(alert: AlertView | undefined): string {
  const { t } = useTranslation()
  const { nameOf } = useAreas()
  if (!alert) return ''
  return [t(`words.alert.${alert.kind}`), alert.row && `#${alert.row.number}`, alert.areaId && nameOf(alert.areaId)]
    .filter(Boolean)
    .join(' ')
}

/** What, where, since when, and whom to ring by hand. */
export function About({ alert }: { alert: AlertView }) {
  const { t, i18n } = useTranslation()
  const { lineOf } = useAreas()
  const work = `words.job.${alert.job}`
  return (
    <>
      {alert.row && <ClassBadge value={alert.row.class} />}
      <strong>{t(`words.alert.${alert.kind}`)}</strong>
      {alert.row && (
        <Link to="/" search={{ incident: alert.row.id }}>
          #{alert.row.number}
        </Link>
      )}
      {alert.job && (
        <span>{t('alerts.failing', { n: alert.count, work: i18n.exists(work) ? t(work) : alert.job })}</span>
      )}
      {alert.accountName && <span>{t('alerts.looked', { n: alert.count, name: alert.accountName })}</span>}
      {alert.deviceId && (
        <Link to="/devices" search={{ id: alert.deviceId }}>
          {t('alerts.device')}
        </Link>
      )}
      {alert.areaId && <span className="muted">{lineOf(alert.areaId)}</span>}
      {alert.phone && <Telephone number={alert.phone} />}
      <When at={alert.at} />
    </>
  )
}
