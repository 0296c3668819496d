import { type ReactNode, useCallback, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { dispatchRoutes as api, type ResponderPage as Page } from '../../server/contracts/dispatch.ts'
import { farText } from '../../server/contracts/distance.ts'
import { declineReasons } from '../../server/contracts/vocabulary.ts'
import { ApiError, call } from '../lib/api.ts'
import { learnServerTime } from '../lib/clock.ts'
import { named } from '../lib/i18n.ts'
import { connect, disconnect, onConnected, onPush, useConnection } from '../lib/socket.ts'
import { clockIn, learnZone } from '../lib/zone.ts'
import { LanguageSwitch } from '../shell/switches.tsx'
import { ClassBadge, clockText, ErrorNote, useLeft } from '../ui/marks.tsx'
import { ResponderPlace } from './responder-place.tsx'
import { useWhereabouts } from './whereabouts.ts'
import './responder.css'

const refreshMs = 10_000
// How far and by when mean something until one is there.
const out = ['accepted', 'en-route', 'on-scene']
const overAs = ['stood-down', 'expired', 'declined', 'cleared']
const travelling = ['requested', 'accepted', 'en-route']

/** The request on a cheap phone: what, how far, by when; then three big buttons. Works without a socket, by asking again. */
export function ResponderPage({ token }: { token: string }) {
  const { t, i18n } = useTranslation()
  const [page, setPage] = useState<Page>()
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const { live } = useConnection()
  const show = useCallback((next: Page) => {
    learnServerTime(next.serverTime)
    learnZone(next.zone)
    // Of two answers under way the newer stands, whichever arrives last.
    setPage((held) => (held && held.serverTime > next.serverTime ? held : next))
    setError(undefined)
  }, [])
  const load = useCallback(async () => {
    try {
      show(await call(api.responderPage, { params: { token } }))
    } catch (fault) {
      setError(fault)
    }
  }, [token, show])
  useEffect(() => {
    connect({ responder: token })
    void load()
    const offs = [onPush('assignment.changed', () => void load()), onConnected(() => void load())]
    const timer = setInterval(() => void load(), refreshMs)
    return () => {
      for (const off of offs) off()
      clearInterval(timer)
    }
  }, [token, load])

  const whereabouts = useWhereabouts(token, page !== undefined && out.includes(page.status))
  // Whoever asked for help is told that this one knows of it only when it really stands before their eyes.
  const asked = page?.status === 'requested'
  useEffect(() => {
    if (!asked) return
    const shown = () => {
      if (document.visibilityState === 'visible') void call(api.requestShown, { params: { token } }).catch(() => {})
    }
    shown()
    document.addEventListener('visibilitychange', shown)
    return () => document.removeEventListener('visibilitychange', shown)
  }, [asked, token])
  const over = page !== undefined && overAs.includes(page.status)
  useEffect(() => {
    if (over) disconnect()
  }, [over])

  async function say(run: () => Promise<Page>) {
    setBusy(true)
    try {
      show(await run())
      navigator.vibrate?.(40)
    } catch (fault) {
      setError(fault)
      if (fault instanceof ApiError && fault.code !== 'no-connection') await load()
    }
    setBusy(false)
  }

  if (!page && error instanceof ApiError && error.code === 'not-found') return <DeadLink />
  if (!page)
    return (
      <main className="responder">
        <Brand />
        {error ? <ErrorNote error={error} retry={() => void load()} /> : <p>{t('ui.loading')}</p>}
      </main>
    )
  return (
    <main className="responder">
      <Brand>
        {!over && <span className={`dot ${live ? '' : 'off'}`} aria-hidden="true" />}
        {!over && <span className="sr-only">{t(live ? 'shell.connected' : 'shell.disconnected')}</span>}
      </Brand>
      <h1>
        <ClassBadge value={page.service.class} /> {named(page.service, i18n.language)}
      </h1>
      <p className="responder-hello">{t('responder.hello', { name: page.responderName })}</p>
      <Facts page={page} />
      <div aria-live="polite">
        <Status page={page} />
      </div>
      {error !== undefined && <ErrorNote error={error} />}
      {whereabouts !== 'off' && (
        <p className="muted" role="status">
          {t(`responder.whereabouts.${whereabouts}`)}
        </p>
      )}
      {page.alsoAsked && <AlsoAsked token={page.alsoAsked} />}
      {page.place && <ResponderPlace place={page.place} />}
      <Buttons page={page} busy={busy} token={token} say={(run) => void say(run)} />
    </main>
  )
}

function Brand({ children }: { children?: ReactNode }) {
  const { t } = useTranslation()
  return (
    <header className="spread">
      <span className="row">
        <span className="brand-mark" aria-hidden="true" />
        <strong>{t('shell.brand')}</strong>
      </span>
      <span className="row">
        {children}
        <LanguageSwitch />
      </span>
    </header>
  )
}

/** Another request waits for them. That it is shown here is said to the centre, so that no message need follow. */
function AlsoAsked({ token }: { token: string }) {
  const { t } = useTranslation()
  useEffect(() => {
    const shown = () => {
      if (document.visibilityState !== 'visible') return
      navigator.vibrate?.([200, 100, 200])
      void call(api.requestShown, { params: { token } }).catch(() => {})
    }
    shown()
    document.addEventListener('visibilitychange', shown)
    return () => document.removeEventListener('visibilitychange', shown)
  }, [token])
  return (
    <p role="alert">
      <a className="btn big primary" href={`/r/${token}`} target="_blank" rel="noreferrer">
        {t('responder.alsoAsked')}
      </a>
    </p>
  )
}

/** An old message, or one cut off on the way. Nothing is known of whose it was, so nobody's number can be named. */
function DeadLink() {
  const { t } = useTranslation()
  return (
    <main className="responder">
      <Brand />
      <h1>{t('responder.deadLink')}</h1>
      <p>{t('responder.deadLinkNext')}</p>
      <p className="muted">{t('shell.notEmergency')}</p>
    </main>
  )
}

function Facts({ page }: { page: Page }) {
  const { t, i18n } = useTranslation()
  const by = clockIn(i18n.language, { timeStyle: 'short' }).format(new Date(page.promiseAt))
  return (
    <dl className="responder-facts">
      <div>
        <dt>{t('responder.where')}</dt>
        <dd>{named({ name: page.areaName, nameEn: page.areaNameEn }, i18n.language)}</dd>
      </div>
      {travelling.includes(page.status) && (
        <>
          {page.distanceM !== null && (
            <div>
              <dt>{t('responder.howFar')}</dt>
              <dd>{t('responder.far', { far: farText(page.distanceM), n: page.travelMinutes })}</dd>
            </div>
          )}
          <div>
            <dt>{t('responder.byWhen')}</dt>
            <dd className="num">{by}</dd>
          </div>
        </>
      )}
    </dl>
  )
}

function Status({ page }: { page: Page }) {
  const { t } = useTranslation()
  const left = useLeft(page.expiresAt)
  if (page.status === 'requested')
    return (
      <p className="responder-status">
        {left > 0 ? t('responder.answerIn', { time: clockText(left) }) : t('responder.lapsing')}
      </p>
    )
  const over = ['stood-down', 'expired', 'declined'].includes(page.status)
  return <p className={`responder-status ${over ? 'over' : 'good'}`}>{t(`responder.status.${page.status}`)}</p>
}

type Say = (run: () => Promise<Page>) => void

function Buttons({ page, busy, token, say }: { page: Page; busy: boolean; token: string; say: Say }) {
  const { t } = useTranslation()
  const [why, setWhy] = useState(false)
  const [note, setNote] = useState('')
  const params = { token }
  const big = (text: string, run: () => Promise<Page>, kind = 'primary') => (
    <button type="button" className={`btn big ${kind}`} disabled={busy} onClick={() => say(run)}>
      {text}
    </button>
  )
  const reasons = (run: (reason: (typeof declineReasons)[number]) => Promise<Page>) => (
    <fieldset className="responder-reasons">
      <legend>{t('responder.why')}</legend>
      {declineReasons.map((reason) => (
        <button type="button" className="btn big" key={reason} disabled={busy} onClick={() => say(() => run(reason))}>
          {t(`words.declineReason.${reason}`)}
        </button>
      ))}
    </fieldset>
  )
  const cannot = (
    <button type="button" className="btn big cannot" onClick={() => setWhy(!why)} aria-expanded={why}>
      {t('responder.cannot')}
    </button>
  )
  switch (page.status) {
    case 'requested':
      return (
        <div className="responder-buttons">
          {big(t('responder.accept'), () => call(api.acceptRequest, { params }))}
          {cannot}
          {why && reasons((reason) => call(api.declineRequest, { params, body: { reason } }))}
        </div>
      )
    case 'accepted':
    case 'en-route':
      return (
        <div className="responder-buttons">
          {page.status === 'accepted' && big(t('responder.onMyWay'), () => call(api.onMyWay, { params }))}
          {big(t('responder.here'), () => call(api.onScene, { params }), page.status === 'accepted' ? '' : 'primary')}
          {cannot}
          {why && reasons((reason) => call(api.handBack, { params, body: { reason } }))}
        </div>
      )
    case 'on-scene':
      return (
        <div className="responder-buttons">
          <textarea
            className="field"
            aria-label={t('responder.note')}
            placeholder={t('responder.note')}
            maxLength={500}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
          {big(t('responder.done'), () => call(api.done, { params, body: { note } }))}
        </div>
      )
    default:
      return null
  }
}
