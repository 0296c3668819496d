import { useQuery } from '@tanstack/react-query'
import { queueRoutes as api, type PresenceView } from '../../server/contracts/queue.ts'
import { call } from '../lib/api.ts'
import { useSignedIn } from '../lib/session.ts'

/** Who could take an incident over now: consoles that are alive, free ones first. */
export function useColleagues(): PresenceView[] {
  const me = useSignedIn()
  const { data } = useQuery({ queryKey: ['presence'], queryFn: () => call(api.presence), staleTime: 1_000 })
  return (data?.items ?? [])
    .filter((one) => one.live && one.id !== me.id && one.status !== 'away')
    .sort((a, b) => a.owned - b.owned)
}
