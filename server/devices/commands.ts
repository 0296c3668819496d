import { v7 } from 'uuid'
import { audit } from '../access/audit.ts'
import type { DeviceForm, DeviceView } from '../contracts/devices.ts'
import type { DeviceState } from '../contracts/vocabulary.ts'
import type { Caller } from '../platform/caller.ts'
import type { Parts } from '../platform/parts.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'
import { stale } from '../residents/commands.ts'
import { accountOf } from './account.ts'
import { startsAnew, step } from './machine.ts'
import { makeKey } from './new-key.ts'
import { loadDevice } from './queries.ts'
import { reportsAt } from './reports-at.ts'

/** What its last owner tried says nothing of the next. */
const untried = {
  wordNumber: null,
  wordAt: null,
  firstPressAt: null,
  lastGoodTestAt: null,
  activatedAt: null,
  testCallUntil: null,
}

const hasCode = (error: unknown, code: string) => (error as { code?: string }).code === code

export async function saveDevice(
  parts: Parts,
  caller: Caller,
  given: DeviceForm,
  existing?: { id: string; version: number },
): Promise<DeviceView | Refusal> {
  const { prisma, clock } = parts
  const named = accountOf(given.protocol, given.account)
  if ('wrong' in named)
    return refuse('invalid', `Its protocol has accounts like ${named.wrong}; another would never be heard.`, [
      { path: existing ? 'form.account' : 'account', message: `wrong-shape:${named.wrong}` },
    ])
  const form = { ...given, ...named }
  const paths = caller.pathsFor('write-file')
  const area = await prisma.area.findUnique({ where: { id: form.areaId } })
  if (!area || !caller.may('write-file', area.path))
    return refuse('invalid', 'Choose an area of your own.', [{ path: 'form.areaId', message: 'not-in-your-area' }])
  const resident = form.residentId ? await prisma.resident.findUnique({ where: { id: form.residentId } }) : null
  if (form.residentId && resident?.areaId !== form.areaId)
    return refuse('invalid', 'The device lies where its resident lives.', [
      { path: 'form.residentId', message: 'not-a-resident-of-area' },
    ])
  const hangsOn = await placeOf(parts, form, paths)
  if (hangsOn) return hangsOn
  const before = existing && (await loadDevice(parts, existing.id, paths))
  if (existing && !before) return refuse('not-found')
  const now = clock.now()
  const testExpiresAt = form.testExpiresAt ? new Date(form.testExpiresAt) : null
  const moved = step((before?.state ?? 'registered') as DeviceState, form.state, {
    kind: form.kind,
    residentId: form.residentId,
    testExpiresAt,
    now,
  })
  if ('refused' in moved) return moved
  const anew = startsAnew(form, before ?? null)
  const entered = form.state !== before?.state
  // Whoever saves it as in service from a test or from out of use has seen to what was broken.
  const mended = entered && form.state === 'in-service' && before && before.state !== 'activated'
  const data = {
    ...form,
    testExpiresAt,
    ...(entered && form.state === 'activated' && { activatedAt: now, firstPressAt: null, lastGoodTestAt: null }),
    ...(anew && { ...anew, ...untried, ...(anew.state === 'activated' && { activatedAt: now, testExpiresAt: null }) }),
    ...(form.state === 'in-test' && { testTold: null, ...(entered && { testFrom: now }) }),
  }
  const id = existing?.id ?? v7()
  try {
    if (existing) {
      const { count } = await prisma.device.updateMany({
        where: { id, version: existing.version },
        data: { ...data, version: { increment: 1 } },
      })
      if (count === 0) return stale()
      if (mended)
        await prisma.deviceFault.updateMany({ where: { deviceId: id, restoredAt: null }, data: { restoredAt: now } })
    } else await prisma.device.create({ data: { id, ...data } })
  } catch (error) {
    if (hasCode(error, 'P2002')) return refuse('account-taken', 'Another device has this account at this protocol.')
    throw error
  }
  await audit(parts, {
    accountId: caller.id,
    action: existing ? 'change' : 'create',
    subjectKind: 'device',
    subjectId: id,
  })
  return (await loadDevice(parts, id, paths)) ?? refuse('not-found')
}

/** Its type is one that there is, and what it reports through is a gateway of an area of theirs. */
async function placeOf(parts: Parts, form: DeviceForm, paths: string[]): Promise<Refusal | undefined> {
  if (form.typeCode && !(await parts.prisma.deviceType.findUnique({ where: { code: form.typeCode } })))
    return refuse('invalid', 'Choose a type that there is.', [{ path: 'form.typeCode', message: 'not-found' }])
  if (form.gatewayId && (await loadDevice(parts, form.gatewayId, paths))?.kind !== 'gateway')
    return refuse('invalid', 'Choose a gateway.', [{ path: 'form.gatewayId', message: 'not-found' }])
}

/** A fresh key, shown this once; the old one stops working at once. */
export async function issueKey(
  parts: Parts,
  caller: Caller,
  id: string,
): Promise<{ key: string; server: string } | Refusal> {
  const device = await loadDevice(parts, id, caller.pathsFor('write-file'))
  if (!device) return refuse('not-found')
  const { key, kept } = makeKey(parts, device.protocol)
  await parts.prisma.device.update({
    where: { id },
    // With a new key its words count anew.
    data: { ...kept, wordNumber: null, wordAt: null, revokedAt: null, revokedBecause: '', version: { increment: 1 } },
  })
  await audit(parts, { accountId: caller.id, action: 'issue-key', subjectKind: 'device', subjectId: id })
  parts.realtime.disconnect(`kiosk:${id}`)
  return { key, server: reportsAt(parts.env, device.protocol) }
}

/**
 * Stolen, lost, sold on: whoever holds the key is nobody from here on, over connections that are open as well. The mark matters
 * beside the missing key: a protocol that works without one would go on believing the bare account.
 */
export async function revokeKey(
  parts: Parts,
  caller: Caller,
  id: string,
  reason: string,
): Promise<DeviceView | Refusal> {
  const paths = caller.pathsFor('write-file')
  if (!(await loadDevice(parts, id, paths))) return refuse('not-found')
  await parts.prisma.device.update({
    where: { id },
    data: {
      keyHash: null,
      secret: null,
      revokedAt: parts.clock.now(),
      revokedBecause: reason,
      version: { increment: 1 },
    },
  })
  await audit(parts, { accountId: caller.id, action: 'revoke-key', subjectKind: 'device', subjectId: id, reason })
  parts.realtime.disconnect(`kiosk:${id}`)
  return (await loadDevice(parts, id, paths)) ?? refuse('not-found')
}
