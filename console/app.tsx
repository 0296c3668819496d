import { QueryClientProvider } from '@tanstack/react-query'
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Navigate,
  Outlet,
  RouterProvider,
  useLocation,
} from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { z } from 'zod'
import { auditActions } from '../server/contracts/vocabulary.ts'
import { BoardPage } from './board-page.tsx'
import { CallStrip } from './calls/call-strip.tsx'
import { HeadsetButton } from './calls/headset-button.tsx'
import { startCalls } from './calls/live.ts'
import { board } from './lib/board.ts'
import { startHeadset } from './lib/headset.ts'
import { forgetForms } from './lib/kept-forms.ts'
import { Questions } from './lib/questions.ts'
import { may, useMe } from './lib/session.ts'
import { disconnect, onSessionDoubt } from './lib/socket.ts'
import { AllHandsStrip } from './queue/all-hands.tsx'
import { OfferBanner } from './queue/banner.tsx'
import { AlertBadge, AlertStrip } from './queue/leader-alerts.tsx'
import { startLive } from './queue/live.ts'
import { Frame } from './shell/frame.tsx'
import { places } from './shell/places.ts'
import { SignIn } from './shell/sign-in.tsx'
import { Empty, ErrorNote } from './ui/marks.tsx'
import { Themed } from './ui/theme.tsx'

const client = new Questions({
  defaultOptions: { queries: { retry: 1, refetchOnWindowFocus: false }, mutations: { retry: 0 } },
})

const root = createRootRoute()
const frame = createRoute({ getParentRoute: () => root, id: 'frame', component: Gate })
const one = z.object({ id: z.string().optional(), q: z.string().optional() })
/** A page that somebody's role does not open says so; its own questions would only be refused one by one. */
const allowed = createRoute({ getParentRoute: () => frame, id: 'allowed', component: Allowed })
const file = { getParentRoute: () => allowed, validateSearch: one } as const

const routes = [
  createRoute({
    getParentRoute: () => allowed,
    path: '/',
    validateSearch: z.object({ incident: z.string().optional() }),
    component: Home,
  }),
  createRoute({
    getParentRoute: () => allowed,
    path: '/alerts',
    component: lazyRouteComponent(() => import('./queue/alerts.tsx'), 'AlertsPage'),
  }),
  createRoute({
    getParentRoute: () => allowed,
    path: '/wallboard',
    component: lazyRouteComponent(() => import('./queue/wallboard.tsx'), 'WallboardPage'),
  }),
  createRoute({
    getParentRoute: () => allowed,
    path: '/follow-ups',
    component: lazyRouteComponent(() => import('./follow-up/follow-ups.tsx'), 'FollowUpsPage'),
  }),
  createRoute({
    getParentRoute: () => allowed,
    path: '/phone-test',
    component: lazyRouteComponent(() => import('./calls/sound-panel.tsx'), 'PhoneTestPage'),
  }),
  createRoute({
    getParentRoute: () => allowed,
    path: '/calls',
    component: lazyRouteComponent(() => import('./calls/calls-page.tsx'), 'CallsPage'),
  }),
  createRoute({
    ...file,
    path: '/residents',
    component: lazyRouteComponent(() => import('./residents/residents.tsx'), 'ResidentsPage'),
  }),
  createRoute({
    ...file,
    path: '/households',
    component: lazyRouteComponent(() => import('./residents/households.tsx'), 'HouseholdsPage'),
  }),
  createRoute({
    ...file,
    path: '/devices',
    component: lazyRouteComponent(() => import('./devices/devices.tsx'), 'DevicesPage'),
  }),
  createRoute({
    getParentRoute: () => allowed,
    path: '/unprotected',
    component: lazyRouteComponent(() => import('./devices/unprotected.tsx'), 'UnprotectedPage'),
  }),
  createRoute({
    ...file,
    path: '/device-types',
    component: lazyRouteComponent(() => import('./devices/types.tsx'), 'DeviceTypesPage'),
  }),
  createRoute({
    ...file,
    path: '/providers',
    component: lazyRouteComponent(() => import('./providers/providers.tsx'), 'ProvidersPage'),
  }),
  createRoute({
    ...file,
    path: '/responders',
    component: lazyRouteComponent(() => import('./providers/responders.tsx'), 'RespondersPage'),
  }),
  createRoute({
    ...file,
    path: '/catalogue',
    component: lazyRouteComponent(() => import('./catalogue/catalogue.tsx'), 'CataloguePage'),
  }),
  createRoute({
    ...file,
    path: '/hotlines',
    component: lazyRouteComponent(() => import('./hotlines/hotlines.tsx'), 'HotlinesPage'),
  }),
  createRoute({
    ...file,
    path: '/areas',
    component: lazyRouteComponent(() => import('./access/areas.tsx'), 'AreasPage'),
  }),
  createRoute({
    ...file,
    path: '/accounts',
    component: lazyRouteComponent(() => import('./access/accounts.tsx'), 'AccountsPage'),
  }),
  createRoute({
    getParentRoute: () => allowed,
    path: '/account',
    component: lazyRouteComponent(() => import('./access/own-account.tsx'), 'OwnAccountPage'),
  }),
  createRoute({
    getParentRoute: () => allowed,
    path: '/prompts',
    component: lazyRouteComponent(() => import('./calls/prompts.tsx'), 'PromptsPage'),
  }),
  createRoute({
    getParentRoute: () => allowed,
    path: '/audit',
    validateSearch: z.object({ action: z.enum(auditActions).optional().catch(undefined) }),
    component: lazyRouteComponent(() => import('./access/audit.tsx'), 'AuditPage'),
  }),
] as const

const router = createRouter({
  routeTree: root.addChildren([frame.addChildren([allowed.addChildren(routes)])]),
  defaultErrorComponent: ({ error, reset }) => <ErrorNote error={error} retry={reset} />,
  defaultNotFoundComponent: () => <Navigate to="/" search={{}} />,
})
declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}

export function App() {
  return (
    <QueryClientProvider client={client}>
      <Themed>
        <RouterProvider router={router} />
      </Themed>
    </QueryClientProvider>
  )
}

/** Signed in or not; the live connection runs as long as somebody is. */
function Gate() {
  const { t } = useTranslation()
  const { me, loading } = useMe()
  const id = me && may(me, 'read-board') ? me.id : undefined
  const operator = me !== undefined && may(me, 'handle-incident')
  useEffect(() => (id ? startLive(id, operator) : undefined), [id, operator])
  useEffect(() => {
    if (!id || !operator) return
    const offs = [startCalls(id), startHeadset()]
    return () => {
      for (const off of offs) off()
    }
  }, [id, operator])
  useEffect(() => onSessionDoubt(() => void client.invalidateQueries({ queryKey: ['me'] })), [])
  // However the session ended, nothing of it stays on the screen.
  const over = !loading && !me
  useEffect(() => {
    if (!over) return
    disconnect()
    board.clear()
    forgetForms()
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'me' })
  }, [over])
  if (loading) return <p className="page-inner">{t('ui.loading')}</p>
  if (!me) return <SignIn />
  const leads = may(me, 'supervise')
  const above = (
    <>
      {operator && <OfferBanner />}
      {operator && <CallStrip />}
      {operator && <AllHandsStrip />}
      {leads && <AlertStrip />}
    </>
  )
  return <Frame above={above} badges={leads ? { alerts: <AlertBadge /> } : {}} tools={operator && <HeadsetButton />} />
}

function Allowed() {
  const { t } = useTranslation()
  const { me } = useMe()
  const path = useLocation({ select: (location) => location.pathname })
  const place = places.find((one) => one.to === path)
  // The first page is everybody's: it leads each role to what is theirs.
  const open = !me || !place || path === '/' || place.needs === 'signed-in' || may(me, place.needs)
  return open ? (
    <Outlet />
  ) : (
    <Empty title={t('shell.notAllowed', { page: t(`shell.place.${place.name}`) })}>{t('shell.notAllowedHint')}</Empty>
  )
}

/** The board for who handles incidents; others start at what their role opens. */
function Home() {
  const { me } = useMe()
  if (me && may(me, 'handle-incident')) return <BoardPage />
  if (me && may(me, 'administer')) return <Navigate to="/residents" search={{}} />
  if (me && may(me, 'read-providers')) return <Navigate to="/providers" search={{}} />
  return <Navigate to="/audit" search={{}} />
}
