import { useQuery } from '@tanstack/react-query'
import { queueRoutes as api } from '../../server/contracts/queue.ts'
import { call } from '../lib/api.ts'

/** Who the colleagues are, by account. */
export function usePresenceNames(): Map<string, string> {
  const { data } = useQuery({ queryKey: ['presence'], queryFn: () => call(api.presence), staleTime: 10_000 })
  return new Map(data?.items.map((one) => [one.id, one.name]))
}
