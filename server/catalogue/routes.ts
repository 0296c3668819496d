import type { FastifyInstance } from 'fastify'
import type { CatalogueItem } from '../../prisma/generated/client.ts'
import { audit } from '../access/audit.ts'
import { administersDistrict } from '../access/caller.ts'
import { catalogueRoutes as api, type CatalogueForm, type CatalogueView } from '../contracts/catalogue.ts'
import type { Caller } from '../platform/caller.ts'
import type { Parts } from '../platform/parts.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'
import { serve } from '../platform/serve.ts'

const view = (item: CatalogueItem) => item as unknown as CatalogueView

/** The catalogue is one for the whole centre: only who administers a district may change it. */
async function save(
  parts: Parts,
  caller: Caller,
  form: CatalogueForm,
  existing?: { code: string; version: number },
): Promise<CatalogueView | Refusal> {
  if (!administersDistrict(caller))
    return refuse('forbidden', 'Only an administrator of the district changes the catalogue.')
  const taken = await parts.prisma.catalogueItem.findUnique({ where: { code: form.code } })
  if (existing && existing.code !== form.code)
    return refuse('invalid', 'A code stays: incidents refer to it.', [
      { path: 'form.code', message: 'cannot-be-changed' },
    ])
  if (!existing && taken) return refuse('code-taken', 'Another service has this code.')
  if (existing) {
    const { count } = await parts.prisma.catalogueItem.updateMany({
      where: { code: existing.code, version: existing.version },
      data: { ...form, version: { increment: 1 } },
    })
    if (count === 0)
      return taken
        ? refuse('stale-version', 'Somebody has changed it meanwhile. Look again and enter your change anew.')
        : refuse('not-found')
  } else await parts.prisma.catalogueItem.create({ data: form })
  await audit(parts, {
    accountId: caller.id,
    action: existing ? 'change' : 'create',
    subjectKind: 'catalogue-item',
    subjectId: form.code,
  })
  return view((await parts.prisma.catalogueItem.findUnique({ where: { code: form.code } })) as CatalogueItem)
}

export function catalogueRoutes(app: FastifyInstance, parts: Parts): void {
  serve(app, api.catalogue, async () => ({
    items: (await parts.prisma.catalogueItem.findMany({ orderBy: [{ position: 'asc' }, { code: 'asc' }] })).map(view),
    next: null,
  }))
  serve(app, api.createCatalogueItem, async ({ caller, body }) => save(parts, caller, body))
  serve(app, api.updateCatalogueItem, async ({ caller, params, body }) =>
    save(parts, caller, body.form, { code: params.code, version: body.version }),
  )
}
