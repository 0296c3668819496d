import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { incidentRoutes as api, type IncidentDetail } from '../../server/contracts/incidents.ts'
import { call } from '../lib/api.ts'
import { serverNow } from '../lib/clock.ts'
import { ErrorNote, When } from '../ui/marks.tsx'
import { ScreenPop } from './screen-pop.tsx'
import { Timeline } from './timeline.tsx'

/** A colleague's incident, and somebody must know now: a reason opens the file, and every such look is reviewed. */
export function GlassForm({ look }: { look: (reason: string) => void }) {
  const { t } = useTranslation()
  const [reason, setReason] = useState('')
  return (
    <form
      autoComplete="off"
      className="row"
      onSubmit={(event) => {
        event.preventDefault()
        look(reason.trim())
      }}
    >
      <input
        className="field"
        style={{ width: 280 }}
        aria-label={t('incident.glassReason')}
        placeholder={t('incident.glassReason')}
        minLength={5}
        maxLength={200}
        pattern=".*\S.{3,}\S.*"
        title={t('incident.glassHint')}
        required
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      <button type="submit" className="btn warn">
        {t('incident.look')}
      </button>
      <span className="muted">{t('incident.glassHint')}</span>
    </form>
  )
}

/** The file as it was at the look: asked once, since each asking is a look of its own; nothing in it can be pressed. */
export function ThroughGlass({
  id,
  reason,
  head,
  close,
}: {
  id: string
  reason: string
  head: (detail: IncidentDetail) => ReactNode
  close: () => void
}) {
  const { t } = useTranslation()
  const once = { staleTime: Number.POSITIVE_INFINITY, gcTime: 0, retry: false, refetchOnReconnect: false } as const
  const { data, error } = useQuery({
    queryKey: ['glass', id, reason],
    queryFn: async () => {
      const detail = await call(api.incident, { params: { id }, query: { breakGlass: reason } })
      return { detail, timeline: await call(api.timeline, { params: { id } }), at: new Date(serverNow()).toISOString() }
    },
    ...once,
  })
  if (error) return <ErrorNote error={error} retry={close} />
  if (!data) return <p style={{ padding: 20 }}>{t('ui.loading')}</p>
  const { detail, timeline } = data
  return (
    <article
      className="workspace through-glass"
      data-work
      tabIndex={-1}
      aria-label={t('incident.title', { number: detail.row.number })}
    >
      <p className="glass-strip" role="status">
        <strong className="glass-said">{t('incident.glassOpen')}</strong>
        <span>{reason}</span>
        <span className="muted">
          {t('incident.glassAt')} <When at={data.at} />
        </span>
        <span style={{ flex: 1 }} />
        <button type="button" className="btn" onClick={close}>
          {t('ui.close')}
        </button>
      </p>
      {head(detail)}
      <div className="workspace-main">
        <div className="stack">
          <ScreenPop detail={detail} map={null} readOnly />
        </div>
        <div className="stack">
          <section className="card">
            <h3>{t('incident.timeline')}</h3>
            <Timeline
              items={timeline.items}
              intact={timeline.intact}
              assignments={detail.assignments}
              contacts={detail.resident?.contacts ?? []}
              incidentClass={detail.row.class}
            />
          </section>
        </div>
      </div>
    </article>
  )
}
