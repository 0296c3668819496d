import { useEffect, useRef, useState } from 'react'
import { dispatchRoutes as api } from '../../server/contracts/dispatch.ts'
import { call } from '../lib/api.ts'

/** Often enough for a map on which somebody walks; a cheap telephone's battery lasts the task. */
const everyMs = 20_000
export type Whereabouts = 'off' | 'asking' | 'told' | 'denied'

/** While they are out on the task their page tells where they are, and says so; before and after it nothing is read. */
export function useWhereabouts(token: string, out: boolean): Whereabouts {
  const [state, setState] = useState<Whereabouts>('off')
  const sentAt = useRef(0)
  useEffect(() => {
    if (!out) return setState('off')
    // Only over a connection that is safe; without one the browser has no such thing.
    if (!('geolocation' in navigator)) return setState('denied')
    setState('asking')
    const watch = navigator.geolocation.watchPosition(
      ({ coords }) => {
        if (Date.now() - sentAt.current < everyMs) return
        sentAt.current = Date.now()
        const body = { lat: coords.latitude, lon: coords.longitude, accuracyM: Math.round(coords.accuracy) }
        // The next one tells it, if this one is lost.
        call(api.tellWhereabouts, { params: { token }, body }).then(
          ({ kept }) => setState(kept ? 'told' : 'asking'),
          () => {},
        )
      },
      () => setState('denied'),
      { enableHighAccuracy: true, maximumAge: 10_000 },
    )
    return () => navigator.geolocation.clearWatch(watch)
  }, [token, out])
  return state
}
