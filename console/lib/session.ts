import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { type AreaView, accessRoutes as api, type Me } from '../../server/contracts/access.ts'
import type { Permission } from '../../server/contracts/route.ts'
import { ApiError, call } from './api.ts'
import { learnServerTime } from './clock.ts'
import { named } from './i18n.ts'
import { learnZone } from './zone.ts'

export function useMe(): { me: Me | undefined; loading: boolean } {
  const { data, isPending } = useQuery({
    queryKey: ['me'],
    queryFn: async () => {
      try {
        const me = await call(api.me)
        learnServerTime(me.serverTime)
        learnZone(me.zone)
        return me
      } catch (error) {
        if (error instanceof ApiError && error.code === 'not-signed-in') return null
        throw error
      }
    },
    staleTime: 60_000,
    retry: 3,
  })
  return { me: data ?? undefined, loading: isPending }
}

export function useSignedIn(): Me {
  const { me } = useMe()
  if (!me) throw new Error('nobody is signed in')
  return me
}

export const may = (me: Me, permission: Permission): boolean => me.permissions.includes(permission)

export function useForgetSession(): () => void {
  const client = useQueryClient()
  return () => {
    client.clear()
    client.setQueryData(['me'], null)
  }
}

/** The areas in scope, and how one is called in the present language. */
export function useAreas(): { areas: AreaView[]; nameOf(id: string): string; lineOf(id: string): string } {
  const { i18n } = useTranslation()
  const { data } = useQuery({ queryKey: ['areas'], queryFn: () => call(api.areas), staleTime: 600_000 })
  const areas = data?.items ?? []
  const byId = new Map(areas.map((area) => [area.id, area]))
  const nameOf = (id: string) => {
    const area = byId.get(id)
    return area ? named(area, i18n.language) : '…'
  }
  return {
    areas,
    nameOf,
    // Below the district, which is the same everywhere; of the district itself its name.
    lineOf: (id) =>
      (byId.get(id)?.path ?? '').split('/').filter(Boolean).slice(1).map(nameOf).join(' · ') || nameOf(id),
  }
}
