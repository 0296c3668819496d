import { v7 } from 'uuid'
import { audit } from '../access/audit.ts'
import type { ProviderForm, ProviderView, ResponderForm, ResponderView } from '../contracts/providers.ts'
import type { Caller } from '../platform/caller.ts'
import type { Parts } from '../platform/parts.ts'
import { phoneField } from '../platform/phone.ts'
import { placeField } from '../platform/place.ts'
import { isRefusal, type Refusal, refuse } from '../platform/refusal.ts'
import { searchText } from '../platform/search-text.ts'
import { stale } from '../residents/commands.ts'
import { loadProvider, loadResponder } from './queries.ts'

type Existing = { id: string; version: number }

async function ownArea({ prisma }: Parts, caller: Caller, areaId: string): Promise<Refusal | undefined> {
  const area = await prisma.area.findUnique({ where: { id: areaId } })
  if (area && caller.may('write-providers', area.path)) return undefined
  return refuse('invalid', 'Choose an area of your own.', [{ path: 'form.areaId', message: 'not-in-your-area' }])
}

export async function saveProvider(
  parts: Parts,
  caller: Caller,
  form: ProviderForm,
  existing?: Existing,
): Promise<ProviderView | Refusal> {
  const paths = caller.pathsFor('write-providers')
  const phone = phoneField(form.phone, 'form.phone')
  if (isRefusal(phone)) return phone
  const foreign = await ownArea(parts, caller, form.areaId)
  if (foreign) return foreign
  if (existing && !(await loadProvider(parts, existing.id, paths))) return refuse('not-found')
  const data = {
    ...form,
    phone: phone.phone ?? '',
    licenceUntil: form.licenceUntil ? new Date(`${form.licenceUntil}T00:00:00Z`) : null,
    search: searchText([form.name], [phone.phone]),
  }
  const id = existing?.id ?? v7()
  if (existing) {
    const { count } = await parts.prisma.provider.updateMany({
      where: { id, version: existing.version },
      data: { ...data, version: { increment: 1 } },
    })
    if (count === 0) return stale()
  } else await parts.prisma.provider.create({ data: { id, ...data } })
  await audit(parts, {
    accountId: caller.id,
    action: existing ? 'change' : 'create',
    subjectKind: 'provider',
    subjectId: id,
  })
  return (await loadProvider(parts, id, paths)) ?? refuse('not-found')
}

export async function saveResponder(
  parts: Parts,
  caller: Caller,
  form: ResponderForm,
  existing?: Existing,
): Promise<ResponderView | Refusal> {
  const paths = caller.pathsFor('write-providers')
  const phone = phoneField(form.phone, 'form.phone')
  if (isRefusal(phone)) return phone
  const foreign = await ownArea(parts, caller, form.areaId)
  if (foreign) return foreign
  if (form.providerId && !(await loadProvider(parts, form.providerId, paths)))
    return refuse('invalid', 'Choose a provider of your area.', [
      { path: 'form.providerId', message: 'not-in-your-area' },
    ])
  const before = existing && (await loadResponder(parts, existing.id, paths))
  if (existing && !before) return refuse('not-found')
  // A form saved for another reason does not make an old position look fresh.
  const stayed = before?.lat === form.lat && before.lon === form.lon
  // Where they are may be anywhere, but not in the sea.
  const nowhere = stayed ? undefined : placeField(form, null)
  if (nowhere) return nowhere
  const data = {
    ...form,
    phone: phone.phone ?? '',
    positionAt: stayed ? before.positionAt : parts.clock.now(),
    search: searchText([form.name], [phone.phone]),
  }
  const id = existing?.id ?? v7()
  if (existing) {
    const { count } = await parts.prisma.responder.updateMany({
      where: { id, version: existing.version },
      data: { ...data, version: { increment: 1 } },
    })
    if (count === 0) return stale()
  } else await parts.prisma.responder.create({ data: { id, ...data } })
  await audit(parts, {
    accountId: caller.id,
    action: existing ? 'change' : 'create',
    subjectKind: 'responder',
    subjectId: id,
  })
  return (await loadResponder(parts, id, paths)) ?? refuse('not-found')
}
