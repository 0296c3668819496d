import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { callRoutes as api, type CallRow } from '../../server/contracts/calls.ts'
import { call as ask } from '../lib/api.ts'
import { useRow } from '../lib/board.ts'
import { setMuted, useHeadset } from '../lib/headset.ts'
import { useKeys } from '../lib/keys.ts'
import { useSignedIn } from '../lib/session.ts'
import { Elapsed, ErrorNote } from '../ui/marks.tsx'
import { callState } from './call-words.ts'
import { apply, join, leave, useInvitations, useJoined, useMyCall, useWaitingAtMe } from './live.ts'
import './calls.css'

/** On every page: whom I talk with, who waits on my line, who asks me into a conversation. */
export function CallStrip() {
  const me = useSignedIn()
  const mine = useMyCall(me.id)
  const waiting = useWaitingAtMe().filter((call) => call.id !== mine?.id)
  const [invitation] = useInvitations()
  const [joinedId] = useJoined()
  return (
    <>
      {mine && <Talking call={mine} />}
      {joinedId && <Joined callId={joinedId} />}
      {waiting[0] && <Waiting call={waiting[0]} />}
      {!waiting[0] && invitation && <Invited {...invitation} />}
    </>
  )
}

function Talking({ call }: { call: CallRow }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const headset = useHeadset()
  const row = useRow(call.incidentId)
  const run = useMutation({
    mutationFn: (route: typeof api.holdCall) => ask(route, { params: { id: call.id }, body: {} }),
    onSuccess: apply,
  })
  const held = call.status === 'held'
  const talks = call.status === 'answered' || held
  const mute = () => setMuted(!headset.muted)
  const hold = () => run.mutate(held ? api.resumeCall : api.holdCall)
  const hangUp = () => run.mutate(api.hangUpCall)
  useKeys([
    { key: 'm', does: 'keys.mute', run: mute },
    ...(talks ? [{ key: 'u', does: 'keys.callHold', run: hold }] : []),
    { key: 'Shift+E', does: 'keys.hangUp', run: hangUp },
  ])
  return (
    <section className={`call-strip ${held ? 'held' : 'talking'}`} aria-label={t('calls.mine')}>
      <span className="call-dot" aria-hidden="true" />
      <strong role="status">{t(callState(call))}</strong>
      <Elapsed since={call.heldAt ?? call.answeredAt ?? call.offeredAt} />
      {row && <span className="muted num">#{row.number}</span>}
      {headset.muted && <span className="chip red">{t('calls.muted')}</span>}
      {headset.status !== 'up' && <span className="chip red">{t(`calls.headset.${headset.status}`)}</span>}
      <span className="grow" />
      <button type="button" className={`btn ${headset.muted ? 'on' : ''}`} aria-pressed={headset.muted} onClick={mute}>
        {t('calls.mute')} <kbd>M</kbd>
      </button>
      {talks && (
        <button type="button" className={`btn ${held ? 'on' : ''}`} aria-pressed={held} onClick={hold}>
          {t(held ? 'calls.resume' : 'calls.hold')} <kbd>U</kbd>
        </button>
      )}
      <button type="button" className="btn danger" onClick={hangUp}>
        {t('calls.hangUp')} <kbd>⇧E</kbd>
      </button>
      <button
        type="button"
        className="btn"
        onClick={() => void navigate({ to: '/', search: { incident: call.incidentId } })}
      >
        {t('calls.toIncident')}
      </button>
      {run.error && <ErrorNote error={run.error} />}
    </section>
  )
}

function Waiting({ call }: { call: CallRow }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const answer = useMutation({
    mutationFn: () => ask(api.answerCall, { params: { id: call.id }, body: {} }),
    onSuccess: (answered) => {
      apply(answered)
      void navigate({ to: '/', search: { incident: call.incidentId } })
    },
  })
  useKeys([{ key: 'y', does: 'keys.answerCall', run: () => answer.mutate() }])
  return (
    <section className="call-strip waiting" role="alert">
      <span className="call-dot" aria-hidden="true" />
      <strong>{t(call.medium === 'text' ? 'calls.writesYou' : 'calls.callsYou')}</strong>
      <Elapsed since={call.queuedAt ?? call.offeredAt} />
      <span className="grow" />
      {answer.error && <ErrorNote error={answer.error} />}
      <button type="button" className="btn primary" onClick={() => answer.mutate()}>
        {t('calls.answer')} <kbd>Y</kbd>
      </button>
    </section>
  )
}

function Invited({ callId, from }: { callId: string; from: string }) {
  const { t } = useTranslation()
  const accept = useMutation({
    mutationFn: () => ask(api.acceptJoin, { params: { id: callId }, body: {} }),
    onSuccess: () => join(callId),
  })
  useKeys([{ key: 'y', does: 'keys.join', run: () => accept.mutate() }])
  return (
    <section className="call-strip waiting" role="alert">
      <span className="call-dot" aria-hidden="true" />
      <strong>{t('calls.asksYou', { name: from })}</strong>
      <span className="grow" />
      {accept.error && <ErrorNote error={accept.error} />}
      <button type="button" className="btn primary" onClick={() => accept.mutate()}>
        {t('calls.join')} <kbd>Y</kbd>
      </button>
    </section>
  )
}

/** In a colleague's conversation: heard by them, and by the caller unless they are on hold. */
function Joined({ callId }: { callId: string }) {
  const { t } = useTranslation()
  const me = useSignedIn()
  const headset = useHeadset()
  const out = useMutation({
    mutationFn: () => ask(api.dropLeg, { params: { id: callId }, body: { legId: `operator:${me.id}` } }),
    onSuccess: () => leave(callId),
  })
  const mute = () => setMuted(!headset.muted)
  useKeys([{ key: 'm', does: 'keys.mute', run: mute }])
  return (
    <section className="call-strip talking" aria-label={t('calls.mine')}>
      <span className="call-dot" aria-hidden="true" />
      <strong role="status">{t('calls.joined')}</strong>
      <span className="grow" />
      <button type="button" className={`btn ${headset.muted ? 'on' : ''}`} aria-pressed={headset.muted} onClick={mute}>
        {t('calls.mute')} <kbd>M</kbd>
      </button>
      <button type="button" className="btn" onClick={() => out.mutate()}>
        {t('calls.leave')}
      </button>
      {out.error && <ErrorNote error={out.error} />}
    </section>
  )
}
