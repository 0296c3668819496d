import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useNavigate } from '@tanstack/react-router'
import { type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { accessRoutes } from '../../server/contracts/access.ts'
import { call } from '../lib/api.ts'
import { board, useBoardIds } from '../lib/board.ts'
import { byServer } from '../lib/clock.ts'
import { clearDrafts } from '../lib/drafts.ts'
import { useKeys } from '../lib/keys.ts'
import { may, useForgetSession, useSignedIn } from '../lib/session.ts'
import { disconnect, useConnection } from '../lib/socket.ts'
import { clockIn } from '../lib/zone.ts'
import { AboveAll } from '../ui/above-all.tsx'
import { CommandBar } from './command-bar.tsx'
import { ConfirmPassword } from './confirm-password.tsx'
import { KeyMap } from './key-map.tsx'
import { places } from './places.ts'
import { PresenceSwitch } from './presence-switch.tsx'
import { PasswordChanged, SessionEnd } from './session-end.tsx'
import { LanguageSwitch, SoundSwitch, ThemeSwitch } from './switches.tsx'
import './shell.css'

type Parts = {
  /** What must be seen on every page, above it. */
  above: ReactNode
  /** What stands at an entry of the navigation, by the name of its place. */
  badges: Record<string, ReactNode>
  /** What stands beside the presence, on every page. */
  tools: ReactNode
}

export function Frame({ above, badges, tools }: Parts) {
  const { t } = useTranslation()
  const me = useSignedIn()
  const [asking, setAsking] = useState(false)
  const [mapping, setMapping] = useState(false)
  useKeys([
    { key: '/', does: 'keys.command', run: () => setAsking(true) },
    { key: '?', does: 'keys.map', run: () => setMapping(true) },
  ])
  const open = places.filter((place) => place.needs === 'signed-in' || may(me, place.needs))
  return (
    <div className="frame">
      <TopBar tools={tools} />
      <nav className="rail" aria-label={t('shell.navigation')}>
        {(['work', 'files', 'admin'] as const).map((group) => {
          const own = open.filter((place) => place.group === group)
          if (own.length === 0) return null
          return (
            <div key={group} style={{ display: 'contents' }}>
              <div className="gap">{t(`shell.group.${group}`)}</div>
              {own.map((place) => (
                <Link key={place.to} to={place.to} activeOptions={{ exact: place.to === '/', includeSearch: false }}>
                  {t(`shell.place.${place.name}`)}
                  {badges[place.name]}
                </Link>
              ))}
            </div>
          )
        })}
      </nav>
      <AboveAll label={t('shell.above')}>
        {above}
        {may(me, 'read-board') && <Lost />}
        <SessionEnd />
        <PasswordChanged />
      </AboveAll>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
      <main className="page" tabIndex={0}>
        <Outlet />
      </main>
      <ConfirmPassword />
      {asking && <CommandBar places={open} close={() => setAsking(false)} />}
      {mapping && <KeyMap close={() => setMapping(false)} />}
    </div>
  )
}

function TopBar({ tools }: { tools: ReactNode }) {
  const { t } = useTranslation()
  const me = useSignedIn()
  const forget = useForgetSession()
  async function signOut() {
    try {
      await call(accessRoutes.signOut)
    } finally {
      clearDrafts()
      disconnect()
      board.clear()
      forget()
    }
  }
  return (
    <header className="topbar">
      <Link to="/" className="brand">
        <span className="brand-mark" aria-hidden="true" />
        {t('shell.brand')}
      </Link>
      {may(me, 'handle-incident') && <PresenceSwitch />}
      {may(me, 'handle-incident') && <Owned />}
      {tools}
      <span className="grow" />
      {/* Whoever reads no board has no live connection that could be lost. */}
      {may(me, 'read-board') && <ConnectionState />}
      <SoundSwitch />
      <LanguageSwitch keep />
      <ThemeSwitch />
      <Link to="/account" className="btn quiet">
        {me.name}
      </Link>
      <SignOut run={signOut} />
    </header>
  )
}

/** Nobody leaves with something in hand: it is handed over or released first. */
function SignOut({ run }: { run: () => void }) {
  const { t } = useTranslation()
  const owned = useOwned()
  return (
    <button
      type="button"
      className="btn"
      disabled={owned.length > 0}
      title={owned.length > 0 ? t('shell.handOverFirst') : undefined}
      onClick={run}
    >
      {t('shell.signOut')}
    </button>
  )
}

export function useOwned(): string[] {
  const me = useSignedIn()
  return useBoardIds().filter((id) => board.row(id)?.ownerId === me.id)
}

function Owned() {
  const { t } = useTranslation()
  const owned = useOwned()
  const navigate = useNavigate()
  return (
    <button
      type="button"
      className={`btn ${owned.length > 0 ? 'on' : 'quiet'}`}
      onClick={() => void navigate({ to: '/', search: owned[0] ? { incident: owned[0] } : {} })}
    >
      <span className="owned">{t('shell.youOwn', { n: owned.length })}</span>
    </button>
  )
}

function ConnectionState() {
  const { t } = useTranslation()
  const { live } = useConnection()
  return (
    <span className="row" style={{ gap: 6 }}>
      <span className={`dot ${live ? '' : 'off'}`} aria-hidden="true" />
      <span className={live ? 'sr-only' : 'muted'}>{t(live ? 'shell.connected' : 'shell.disconnected')}</span>
    </span>
  )
}

/** Within 3 s of losing the network everybody sees it, and how old what they see is. */
function Lost() {
  const { t, i18n } = useTranslation()
  const { live, since } = useConnection()
  const [started] = useState(Date.now)
  const [grace, setGrace] = useState(true)
  useEffect(() => {
    const timer = setTimeout(() => setGrace(false), 3000)
    return () => clearTimeout(timer)
  }, [])
  // Also asked over HTTP, so that a browser that cannot open sockets is told apart from a dead server.
  useQuery({
    queryKey: ['health'],
    queryFn: () => fetch('/healthz').then((reply) => reply.ok),
    enabled: !live,
    refetchInterval: 5000,
  })
  if (live || (grace && since >= started - 1000)) return null
  const time = clockIn(i18n.language, { timeStyle: 'medium' }).format(byServer(since))
  return (
    <div className="strip" role="alert">
      {t('shell.lost', { time })}
    </div>
  )
}
