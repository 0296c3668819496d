import type { Provider, Responder } from '../../prisma/generated/client.ts'
import type { ProviderView, ResponderView } from '../contracts/providers.ts'
import type { Parts } from '../platform/parts.ts'
import { inOrder, inScope, offsetOf, pageOf, type Search, searchIds } from '../residents/queries.ts'
import { day } from '../residents/view.ts'

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

export async function searchProviders(parts: Parts, paths: string[], asked: Search) {
  const ids = await searchIds(parts, { name: 'provider', order: 't.name' }, paths, asked)
  const rows = await parts.prisma.provider.findMany({ where: { id: { in: ids } }, include: counted })
  return pageOf(inOrder(ids, rows).map(providerView), asked.limit, offsetOf(asked.cursor))
}

export async function searchResponders(
  parts: Parts,
  paths: string[],
  asked: Search & { providerId?: string | undefined },
) {
  const ids = await searchIds(parts, { name: 'responder', order: 't.name' }, paths, asked)
  const rows = await parts.prisma.responder.findMany({ where: { id: { in: ids } }, include: named })
  return pageOf(inOrder(ids, rows).map(responderView), asked.limit, offsetOf(asked.cursor))
}

export async function loadProvider({ prisma }: Parts, id: string, paths: string[]): Promise<ProviderView | null> {
  const row = await prisma.provider.findFirst({ where: { id, ...inScope(paths) }, include: counted })
  return row && providerView(row)
}

export async function loadResponder({ prisma }: Parts, id: string, paths: string[]): Promise<ResponderView | null> {
  const row = await prisma.responder.findFirst({ where: { id, ...inScope(paths) }, include: named })
  return row && responderView(row)
}
