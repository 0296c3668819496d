import type { Provider, Responder } from '../../prisma/generated/client.ts'
import type { ProviderView, ResponderView } from '../contracts/providers.ts'
import type { Parts } from '../platform/parts.ts'
import { inScope, offsetOf, pageOf } from '../residents/queries.ts'
import { day } from '../residents/view.ts'

type Search = {
  q?: string | undefined
  areaId?: string | undefined
  providerId?: string | undefined
  limit: number
  cursor?: string | undefined
}
const counted = { _count: { select: { responders: true } } } as const
const named = { provider: { select: { name: true } } } as const

function providerView({ search: _, _count, ...row }: Provider & { _count: { responders: number } }): ProviderView {
  return { ...(row as unknown as ProviderView), licenceUntil: day(row.licenceUntil), responders: _count.responders }
}

function responderView({
  search: _,
  provider,
  positionAt,
  offersMade: __,
  offersAccepted: ___,
  ...row
}: Responder & { provider: { name: string } | null }): ResponderView {
  return {
    ...(row as unknown as ResponderView),
    providerName: provider?.name ?? null,
    positionAt: positionAt.toISOString(),
  }
}

const words = (q: string | undefined) =>
  (q ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, 6)
    .map((word) => ({ search: { contains: word } }))
const below = (areaId: string | undefined) => (areaId ? [{ area: { path: { contains: `/${areaId}/` } } }] : [])

export async function searchProviders({ prisma }: Parts, paths: string[], { q, areaId, limit, cursor }: Search) {
  const offset = offsetOf(cursor)
  const rows = await prisma.provider.findMany({
    where: { AND: [inScope(paths), ...words(q), ...below(areaId)] },
    include: counted,
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
    skip: offset,
    take: limit + 1,
  })
  return pageOf(rows.map(providerView), limit, offset)
}

export async function searchResponders(
  { prisma }: Parts,
  paths: string[],
  { q, areaId, providerId, limit, cursor }: Search,
) {
  const offset = offsetOf(cursor)
  const rows = await prisma.responder.findMany({
    where: { AND: [inScope(paths), ...words(q), ...below(areaId), ...(providerId ? [{ providerId }] : [])] },
    include: named,
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
    skip: offset,
    take: limit + 1,
  })
  return pageOf(rows.map(responderView), limit, offset)
}

export async function loadProvider({ prisma }: Parts, id: string, paths: string[]): Promise<ProviderView | null> {
  const row = await prisma.provider.findFirst({ where: { id, ...inScope(paths) }, include: counted })
  return row && providerView(row)
}

export async function loadResponder({ prisma }: Parts, id: string, paths: string[]): Promise<ResponderView | null> {
  const row = await prisma.responder.findFirst({ where: { id, ...inScope(paths) }, include: named })
  return row && responderView(row)
}
