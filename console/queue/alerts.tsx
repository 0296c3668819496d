import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { incidentRoutes } from '../../server/contracts/incidents.ts'
import { call } from '../lib/api.ts'
import { useSecond } from '../lib/clock.ts'
import { kindWord, useMedium } from '../lib/on-the-line.ts'
import { useAreas } from '../lib/session.ts'
import { ClassBadge, Elapsed, Empty, ErrorNote } from '../ui/marks.tsx'
import { ReasonForm } from '../ui/reason-form.tsx'
import { type Case, countMatters, groupAlerts } from './alert-groups.ts'
import { CallAllHands } from './all-hands.tsx'
import { lateness } from './lateness.ts'
import { LeadActions } from './lead-actions.tsx'
import { About, useAlerts } from './leader-alerts.tsx'
import { LooksToReview } from './looks.tsx'
import { usePresenceNames } from './names.ts'

/** What needs a team leader, one row an incident: whom nobody helps first, the gravest and longest on top, each with what can be done. */
export function AlertsPage() {
  const { t } = useTranslation()
  const { data, error, refetch } = useAlerts()
  const groups = groupAlerts(data?.items ?? [])
  return (
    <div className="page-inner">
      <div className="spread">
        <h1>{t('shell.place.alerts')}</h1>
      </div>
      <CallAllHands />
      {error && <ErrorNote error={error} retry={() => void refetch()} />}
      {data && countMatters(groups) === 0 && <Empty title={t('alerts.none')}>{t('alerts.noneHint')}</Empty>}
      <Group title={t('alerts.group.unhelped', { n: groups.unhelped.length })} cases={groups.unhelped} />
      <Group title={t('alerts.group.inHand', { n: groups.inHand.length })} cases={groups.inHand} />
      <Group title={t('alerts.group.closed', { n: groups.closed.length })} cases={groups.closed} />
      {groups.other.length > 0 && (
        <Section title={t('alerts.group.other', { n: groups.other.length })}>
          {groups.other.map((alert) => (
            <li className="card row" key={alert.id}>
              <About alert={alert} />
            </li>
          ))}
        </Section>
      )}
      <LooksToReview />
    </div>
  )
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="stack alert-group" aria-label={title}>
      <h2>{title}</h2>
      <ul className="stack">{children}</ul>
    </section>
  )
}

function Group({ title, cases }: { title: string; cases: Case[] }) {
  if (cases.length === 0) return null
  return (
    <Section title={title}>
      {cases.map((one) => (
        <li className="card stack alert-case" key={one.row.id}>
          <CaseRow one={one} />
        </li>
      ))}
    </Section>
  )
}

function CaseRow({ one: { row, alerts } }: { one: Case }) {
  const { t } = useTranslation()
  const { lineOf } = useAreas()
  const names = usePresenceNames()
  const medium = useMedium(row.id)
  const late = lateness(row, useSecond() * 1000)
  const phones = [...new Set(alerts.flatMap((alert) => alert.phone ?? []))]
  return (
    <>
      <div className="row">
        <ClassBadge value={row.class} />
        <strong>{t(kindWord(row.kind, medium))}</strong>
        <Link to="/" search={{ incident: row.id }} className="num">
          #{row.number}
        </Link>
        {row.status !== 'closed' && (
          <span className={`wait ${late}`}>
            <Elapsed since={row.queuedAt} />
          </span>
        )}
        {alerts.map((alert) => (
          <span className={`chip ${alert.kind === 'hard-limit' ? 'red' : 'amber'}`} key={alert.id}>
            {t(`words.alert.${alert.kind}`)}
          </span>
        ))}
        <span className="muted">{lineOf(row.areaId)}</span>
        <span className="grow" />
        <span className="chip">
          {row.ownerId ? (names.get(row.ownerId) ?? t('board.colleague')) : t('alerts.nobody')}
        </span>
        <Link to="/" search={{ incident: row.id }} className="btn">
          {t('alerts.openIt')}
        </Link>
      </div>
      <div className="row">
        {row.status !== 'closed' && <LeadActions row={row} phones={phones} />}
        {alerts.some((alert) => alert.kind === 'hard-limit') && <Dismiss id={row.id} />}
      </div>
    </>
  )
}

function Dismiss({ id }: { id: string }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const dismiss = useMutation({
    mutationFn: (reason: string) => call(incidentRoutes.dismissLimit, { params: { id }, body: { reason } }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['alerts'] }),
  })
  return (
    <ReasonForm
      ask={t('alerts.reason')}
      button={t('alerts.dismiss')}
      min={3}
      run={dismiss.mutate}
      pending={dismiss.isPending}
      error={dismiss.error}
    />
  )
}
