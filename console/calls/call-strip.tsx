import { useMutation, useQuery } from '@tanstack/react-query'
import { useLocation, useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { callRoutes as api, type CallRow } from '../../server/contracts/calls.ts'
import { type IncidentRow, incidentRoutes } from '../../server/contracts/incidents.ts'
import { call as ask } from '../lib/api.ts'
import { board, useBoardIds, useRow } from '../lib/board.ts'
import { clearTheWay } from '../lib/front.ts'
import { connectHeadset, setMuted, useHeadset } from '../lib/headset.ts'
import { keyText, useKeys } from '../lib/keys.ts'
import { answerChord } from '../lib/pressed.ts'
import { useSignedIn } from '../lib/session.ts'
import { useConnection } from '../lib/socket.ts'
import { Elapsed, ErrorNote } from '../ui/marks.tsx'
import { callState } from './call-words.ts'
import { KeyedChip } from './keyed.tsx'
import {
  apply,
  join,
  leave,
  useInvitations,
  useJoined,
  useMyCall,
  useMyTexts,
  useWaitingAtMe,
  wasHandedOver,
} from './live.ts'
import './calls.css'

/** On every page: whom I talk or write with, who waits on the line, who asks me into a conversation, who was cut off. */
export function CallStrip() {
  const me = useSignedIn()
  const mine = useMyCall(me.id)
  const waiting = useWaitingAtMe().filter((call) => call.id !== mine?.id)
  const texts = useMyTexts()
  const [invitation] = useInvitations()
  const [joinedId] = useJoined()
  const cutOff = useCutOff(me.id)
  return (
    <>
      {mine && <Talking key={mine.id} call={mine} />}
      {!mine && cutOff && <CutOff row={cutOff} />}
      {joinedId && <Joined callId={joinedId} />}
      {texts.map(({ call, unread }) => (
        <Writing key={call.id} call={call} unread={unread} />
      ))}
      {waiting[0] && <Waiting call={waiting[0]} />}
      {!waiting[0] && invitation && <Invited {...invitation} />}
    </>
  )
}

/** Who it is, as far as it is known; only of an incident that is mine. */
function useWho(incidentId: string, mine: boolean): string {
  const { t } = useTranslation()
  const { data } = useQuery({
    queryKey: ['incident', incidentId, 'detail'],
    queryFn: () => ask(incidentRoutes.incident, { params: { id: incidentId } }),
    enabled: mine,
    staleTime: 60_000,
    retry: false,
  })
  const resident = data?.resident
  return resident ? resident.nameToUse || resident.name : t('calls.someone')
}

function useOpen(incidentId: string): { open: boolean; go: () => void } {
  const navigate = useNavigate()
  const open = useLocation({
    select: ({ pathname, search }) => pathname === '/' && (search as { incident?: string }).incident === incidentId,
  })
  return { open, go: () => void navigate({ to: '/', search: { incident: incidentId } }) }
}

function Talking({ call }: { call: CallRow }) {
  const { t } = useTranslation()
  const me = useSignedIn()
  const headset = useHeadset()
  const { live } = useConnection()
  const row = useRow(call.incidentId)
  const who = useWho(call.incidentId, row?.ownerId === me.id)
  const { open, go } = useOpen(call.incidentId)
  // Handed over to me by a colleague in whose conversation I was: its incident opens.
  const first = useRef(true)
  useEffect(() => {
    if (first.current && wasHandedOver(call.id)) go()
    first.current = false
  })
  const run = useMutation({
    mutationFn: (route: typeof api.holdCall) => ask(route, { params: { id: call.id }, body: {} }),
    onSuccess: apply,
  })
  const held = call.status === 'held'
  const talks = call.status === 'answered' || held
  const elsewhere = headset.status === 'replaced'
  const mute = () => setMuted(!headset.muted)
  const hold = () => run.mutate(held ? api.resumeCall : api.holdCall)
  const hangUp = () => run.mutate(api.hangUpCall)
  useKeys([
    ...(elsewhere ? [] : [{ key: 'm', does: 'keys.mute', run: mute }]),
    ...(talks ? [{ key: 'u', does: 'keys.callHold', run: hold }] : []),
    { key: 'Shift+E', does: 'keys.hangUp', run: hangUp },
  ])
  return (
    <section className={`call-strip ${held || !live ? 'held' : 'talking'}`} aria-label={t('calls.mine')}>
      <span className="call-dot" aria-hidden="true" />
      <strong role="status">{t(live ? callState(call) : 'calls.offline')}</strong>
      <strong>{call.asks ? t(`calls.asked.${call.asks}`) : who}</strong>
      {row && <span className="muted num">#{row.number}</span>}
      <Elapsed since={call.heldAt ?? call.answeredAt ?? call.offeredAt} />
      {!call.asks && <KeyedChip call={call} />}
      {headset.muted && <span className="chip red">{t('calls.muted')}</span>}
      {headset.status !== 'up' && !elsewhere && (
        <span className="chip red">{t(`calls.headset.${headset.status}`)}</span>
      )}
      <span className="grow" />
      {!open && (
        <button type="button" className="btn warn" onClick={go}>
          {t('calls.notThis')} · {t('calls.toIncident')}
        </button>
      )}
      {elsewhere ? (
        <button type="button" className="btn primary" onClick={() => void connectHeadset()}>
          {t('calls.elsewhere')} · {t('calls.takeHere')}
        </button>
      ) : (
        <button
          type="button"
          className={`btn ${headset.muted ? 'on' : ''}`}
          aria-pressed={headset.muted}
          onClick={mute}
        >
          {t('calls.mute')} <kbd>M</kbd>
        </button>
      )}
      {talks && (
        <button type="button" className={`btn ${held ? 'on' : ''}`} aria-pressed={held} disabled={!live} onClick={hold}>
          {t(held ? 'calls.resume' : 'calls.hold')} <kbd>U</kbd>
        </button>
      )}
      <button type="button" className="btn danger" disabled={!live} onClick={hangUp}>
        {t('calls.hangUp')} <kbd>⇧E</kbd>
      </button>
      {run.error && <ErrorNote error={run.error} />}
    </section>
  )
}

/** A conversation in writing that goes on beside the rest; a new line is seen and heard wherever I am. */
function Writing({ call, unread }: { call: CallRow; unread: boolean }) {
  const { t } = useTranslation()
  const me = useSignedIn()
  const row = useRow(call.incidentId)
  const who = useWho(call.incidentId, row?.ownerId === me.id)
  const { open, go } = useOpen(call.incidentId)
  if (open) return null
  return (
    <section className={`call-strip ${unread ? 'waiting' : ''}`} role={unread ? 'alert' : undefined}>
      <span className="call-dot" aria-hidden="true" />
      <strong>{t(unread ? 'calls.newText' : 'calls.textWith', { name: who })}</strong>
      {row && <span className="muted num">#{row.number}</span>}
      <span className="grow" />
      <button type="button" className={`btn ${unread ? 'primary' : ''}`} onClick={go}>
        {t('calls.open')}
      </button>
    </section>
  )
}

/** An incident in my hands whose caller was cut off and is not called back yet. */
function useCutOff(accountId: string): IncidentRow | undefined {
  return useBoardIds()
    .map((id) => board.row(id))
    .find((row) => row?.ownerId === accountId && (row.callBack === 'media-lost' || row.callBack === 'lost'))
}

function CutOff({ row }: { row: IncidentRow }) {
  const { t } = useTranslation()
  const who = useWho(row.id, true)
  const { open, go } = useOpen(row.id)
  return (
    <section className="call-strip cut-off" role="alert">
      <span className="call-dot" aria-hidden="true" />
      <strong>{t('calls.cutOff', { name: who })}</strong>
      <span className="muted num">#{row.number}</span>
      <span className="grow" />
      {open ? (
        <kbd>P</kbd>
      ) : (
        <button type="button" className="btn danger" onClick={go}>
          {t('calls.toIncident')}
        </button>
      )}
    </section>
  )
}

function Waiting({ call }: { call: CallRow }) {
  const { t } = useTranslation()
  const me = useSignedIn()
  const navigate = useNavigate()
  const answer = useMutation({
    mutationFn: () => ask(api.answerCall, { params: { id: call.id }, body: {} }),
    onSuccess: (answered) => {
      apply(answered)
      clearTheWay()
      void navigate({ to: '/', search: { incident: call.incidentId }, ignoreBlocker: true })
    },
  })
  const row = useRow(call.incidentId)
  const mine = row?.ownerId === me.id
  const run = () => answer.mutate()
  useKeys(['y', 'a', answerChord].map((key) => ({ key, does: 'keys.answerCall', run, first: true })))
  return (
    <section className="call-strip waiting" role="alert">
      <span className="call-dot" aria-hidden="true" />
      <strong>
        {t(mine ? (call.medium === 'text' ? 'calls.writesYou' : 'calls.callsYou') : 'calls.othersCaller')}
      </strong>
      {row && <span className="muted num">#{row.number}</span>}
      <Elapsed since={call.queuedAt ?? call.offeredAt} />
      <span className="grow" />
      {answer.error && <ErrorNote error={answer.error} />}
      <button type="button" className="btn primary" onClick={() => answer.mutate()}>
        {t('calls.answer')} <kbd>A</kbd> <kbd title={t('board.whileTyping')}>{keyText(answerChord)}</kbd>
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
