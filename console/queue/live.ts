import { useSyncExternalStore } from 'react'
import { type IncidentRow, incidentRoutes } from '../../server/contracts/incidents.ts'
import { type OfferView, queueRoutes } from '../../server/contracts/queue.ts'
import { call } from '../lib/api.ts'
import { board } from '../lib/board.ts'
import { makeLiveList } from '../lib/live-list.ts'
import { connect, onConnected, onPush } from '../lib/socket.ts'
import { ring, toneOf } from '../lib/sounds.ts'
import { inOrder, ordinaryClass } from './in-order.ts'

const rereadEveryMs = 15_000

let me: string | undefined
const ringing = makeLiveList<OfferView>()
let offers: OfferView[] = []
const passed = new Set<string>()
const watchers = new Set<() => void>()

/** Starts listening once for this page: the board, the offers that ring at me, and their sound. */
export function startLive(accountId: string, operator: boolean): () => void {
  me = accountId
  connect()
  // At once, over HTTP: the list must not wait for the socket.
  void reread(operator)
  const offs = [
    onPush<IncidentRow>('incident.changed', ({ row }) => {
      if (row) board.apply(row)
      if (row && offers.some((offer) => offer.incidentId === row.id)) show()
    }),
    onPush<OfferView>('offer.changed', ({ row }) => row && takeOffer(row)),
    onConnected(() => void reread(operator)),
  ]
  // Pushes are hints; what was lost without a broken connection is found here.
  const timer = setInterval(() => void reread(operator), rereadEveryMs)
  return () => {
    for (const off of offs) off()
    clearInterval(timer)
    ringing.clear()
    show()
  }
}

async function reread(operator: boolean): Promise<void> {
  try {
    board.take(await call(incidentRoutes.board, { query: board.asked() }))
    if (operator && (await ringing.ask(async () => (await call(queueRoutes.offers)).items))) show()
  } catch {
    // The connection state says so already; the next round asks again.
  }
}

function takeOffer(offer: OfferView): void {
  if (ringing.tell(offer, offer.status === 'ringing' && me !== undefined && offer.operators.includes(me))) show()
}

function show(): void {
  const mine = ringing.all().filter((offer) => !passed.has(offer.id))
  offers = inOrder(mine, board.row)
  sound()
  for (const tell of watchers) tell()
}

/** The gravest of what rings at me. */
function sound(): void {
  const [first] = offers
  const soft = me !== undefined && first?.soft.includes(me) === true
  ring(first && toneOf(board.row(first.incidentId)?.class ?? ordinaryClass), soft)
}

/** Silent here at once; the server hears of it from the caller. */
export function passOffer(id: string): void {
  passed.add(id)
  show()
}

export function dropOffersOf(incidentId: string): void {
  for (const offer of offers) if (offer.incidentId === incidentId) ringing.tell(offer, false)
  show()
}

export function useOffers(): OfferView[] {
  return useSyncExternalStore(
    (tell) => {
      watchers.add(tell)
      return () => watchers.delete(tell)
    },
    () => offers,
  )
}
