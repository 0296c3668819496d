import type { FastifyInstance } from 'fastify'
import { v7 } from 'uuid'
import { type AreaView, accessRoutes as api } from '../contracts/access.ts'
import type { Parts } from '../platform/parts.ts'
import { phoneField } from '../platform/phone.ts'
import { placeField } from '../platform/place.ts'
import { isRefusal, refuse } from '../platform/refusal.ts'
import { serve } from '../platform/serve.ts'
import { audit } from './audit.ts'

const levelBelow = { district: 'street', street: 'community' } as const

export function areaRoutes(app: FastifyInstance, parts: Parts): void {
  const { prisma } = parts
  serve(app, api.areas, async ({ caller }) => {
    const scopes = caller.roles.map((role) => role.areaPath)
    const all = (await prisma.area.findMany({ orderBy: { path: 'asc' } })) as AreaView[]
    // What lies in scope, and its parents, so that a tree can be drawn.
    return {
      items: all.filter((area) => scopes.some((scope) => area.path.startsWith(scope) || scope.startsWith(area.path))),
      next: null,
    }
  })
  serve(app, api.createArea, async ({ caller, body }) => {
    const parent = body.parentId ? await prisma.area.findUnique({ where: { id: body.parentId } }) : null
    if (!parent || !caller.may('administer', parent.path))
      return refuse('invalid', 'Choose a parent within your area.', [{ path: 'parentId', message: 'not-in-your-area' }])
    if (levelBelow[parent.level as keyof typeof levelBelow] !== body.level)
      return refuse('invalid', 'Below a district lie streets, below a street communities.', [
        { path: 'level', message: 'does-not-fit-parent' },
      ])
    const phone = phoneField(body.onCallPhone, 'onCallPhone')
    if (isRefusal(phone)) return phone
    const nowhere = placeField(body, null, 'lat')
    if (nowhere) return nowhere
    const id = v7()
    const area = await prisma.area.create({
      data: { id, ...body, onCallPhone: phone.phone, path: `${parent.path}${id}/` },
    })
    await audit(parts, { accountId: caller.id, action: 'create', subjectKind: 'area', subjectId: id })
    return area as AreaView
  })
  serve(app, api.updateArea, async ({ caller, params, body }) => {
    const area = await prisma.area.findUnique({ where: { id: params.id } })
    if (!area || !caller.may('administer', area.path)) return refuse('not-found')
    if (body.form.parentId !== area.parentId || body.form.level !== area.level)
      return refuse('invalid', 'An area stays where it is: people and cases lie in it.', [
        { path: 'form.parentId', message: 'cannot-be-changed' },
      ])
    const phone = phoneField(body.form.onCallPhone, 'form.onCallPhone')
    if (isRefusal(phone)) return phone
    const nowhere = placeField(body.form, null)
    if (nowhere) return nowhere
    const { count } = await prisma.area.updateMany({
      where: { id: area.id, version: body.version },
      data: { ...body.form, onCallPhone: phone.phone, version: { increment: 1 } },
    })
    if (count === 0)
      return refuse('stale-version', 'Somebody has changed it meanwhile. Look again and enter your change anew.')
    await audit(parts, { accountId: caller.id, action: 'change', subjectKind: 'area', subjectId: area.id })
    return (await prisma.area.findUniqueOrThrow({ where: { id: area.id } })) as AreaView
  })
}
