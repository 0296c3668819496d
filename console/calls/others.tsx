import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { callRoutes as api, type CallTarget, type CallView } from '../../server/contracts/calls.ts'
import type { IncidentDetail } from '../../server/contracts/incidents.ts'
import { queueRoutes } from '../../server/contracts/queue.ts'
import { call as ask } from '../lib/api.ts'
import { useKeys } from '../lib/keys.ts'
import { useKnown } from '../lib/known.ts'
import { phoneText } from '../lib/phone-text.ts'
import { useSignedIn } from '../lib/session.ts'
import { ErrorNote } from '../ui/marks.tsx'
import { apply } from './live.ts'
import { isEmergency, OutsideNumber } from './outside.tsx'

type Choice = { name: string; what: string; to: CallTarget }

/** Thirds in the conversation: a colleague for a warm transfer, a contact, whoever was sent. */
export function Others({ call, detail, summary }: { call: CallView; detail: IncidentDetail; summary: ReactNode }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [choosing, setChoosing] = useState(false)
  const done = (answer: CallView) => {
    apply(answer)
    setChoosing(false)
    void client.invalidateQueries({ queryKey: ['incident', detail.row.id] })
  }
  const params = { id: call.id }
  const join = useMutation({
    mutationFn: (to: CallTarget) => ask(api.joinCall, { params, body: { to } }),
    onSuccess: done,
  })
  const drop = useMutation({
    mutationFn: (legId: string) => ask(api.dropLeg, { params, body: { legId } }),
    onSuccess: done,
  })
  const handOver = useMutation({
    mutationFn: (operatorId: string) => ask(api.handOver, { params, body: { operatorId } }),
    onSuccess: done,
  })
  const thirds = call.legs.filter((leg) => leg.side === 'third' && leg.status !== 'down')
  const colleague = thirds.find((leg) => leg.operatorId && leg.status === 'up')
  useKeys([
    { key: 'j', does: 'keys.addThird', run: () => setChoosing(!choosing) },
    ...(colleague?.operatorId
      ? [{ key: 'Shift+H', does: 'keys.handOver', run: () => handOver.mutate(colleague.operatorId as string) }]
      : []),
  ])
  const error = join.error ?? drop.error ?? handOver.error
  return (
    <div className="stack" style={{ gap: 6 }}>
      {thirds.map((leg) => (
        <div className="row" key={leg.legId}>
          <span className={`chip ${leg.status === 'up' ? 'green' : 'amber'}`}>
            {phoneText(leg.label)} · {t(`calls.leg.${leg.status}`)}
          </span>
          {leg.operatorId && leg.status === 'up' && (
            <button type="button" className="btn primary" onClick={() => handOver.mutate(leg.operatorId as string)}>
              {t('calls.handOver')} <kbd>⇧H</kbd>
            </button>
          )}
          <button type="button" className="btn quiet" onClick={() => drop.mutate(leg.legId)}>
            {t('calls.drop')}
          </button>
        </div>
      ))}
      <div>
        <button type="button" className="btn" aria-expanded={choosing} onClick={() => setChoosing(!choosing)}>
          {t('calls.addThird')} <kbd>J</kbd>
        </button>
      </div>
      {choosing && <Choices detail={detail} choose={(to) => join.mutate(to)} />}
      {choosing && <OutsideNumber choose={(to) => join.mutate(to)} close={() => setChoosing(false)} />}
      {(thirds.some((leg) => isEmergency(leg.label)) || dialledByHand(join.variables)) && summary}
      {error && <ErrorNote error={error} />}
    </div>
  )
}

/** It cannot be rung from here: whoever dials it by hand must say the same. */
const dialledByHand = (to: CallTarget | undefined): boolean =>
  to !== undefined && 'number' in to && isEmergency(to.number)

const nine = 9

function Choices({ detail, choose }: { detail: IncidentDetail; choose: (to: CallTarget) => void }) {
  const { t } = useTranslation()
  const known = useKnown()
  const me = useSignedIn()
  const { data } = useQuery({ queryKey: ['presence'], queryFn: () => ask(queueRoutes.presence), staleTime: 1_000 })
  const choices: Choice[] = [
    ...(detail.resident?.contacts ?? []).map((contact) => ({
      name: contact.name,
      what: known(contact.relation),
      to: { contactId: contact.id },
    })),
    ...detail.assignments
      .filter((one) => ['accepted', 'en-route', 'on-scene'].includes(one.status))
      .map((one) => ({ name: one.responderName, what: t('calls.responder'), to: { responderId: one.responderId } })),
    ...(data?.items ?? [])
      .filter((one) => one.id !== me.id && one.live && one.status !== 'away' && one.status !== 'break')
      .map((one) => ({ name: one.name, what: t('calls.colleague'), to: { operatorId: one.id } })),
  ].slice(0, nine)
  useKeys(choices.map(({ to }, i) => ({ key: String(i + 1), does: 'keys.chooseThird', run: () => choose(to) })))
  if (choices.length === 0) return <p className="muted">{t('calls.nobodyToAdd')}</p>
  return (
    <div className="row">
      {choices.map(({ name, what, to }, i) => (
        <button type="button" className="btn" key={`${name}${what}`} onClick={() => choose(to)}>
          <kbd>{i + 1}</kbd> {name} <span className="muted">{what}</span>
        </button>
      ))}
    </div>
  )
}
