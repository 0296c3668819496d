import { randomBytes } from 'node:crypto'
import { v7 } from 'uuid'
import { audit } from '../access/audit.ts'
import type { DeviceForm, DeviceView } from '../contracts/devices.ts'
import type { DeviceState, Protocol } from '../contracts/vocabulary.ts'
import type { Caller } from '../platform/caller.ts'
import type { Parts } from '../platform/parts.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'
import { stale } from '../residents/commands.ts'
import { hashKey } from './key.ts'
import { step } from './machine.ts'
import { loadDevice } from './queries.ts'

const keyBytes = 32
const hasCode = (error: unknown, code: string) => (error as { code?: string }).code === code

export async function saveDevice(
  parts: Parts,
  caller: Caller,
  form: DeviceForm,
  existing?: { id: string; version: number },
): Promise<DeviceView | Refusal> {
  const { prisma, clock } = parts
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
  const activated = form.state === 'activated' && before?.state !== 'activated' ? { activatedAt: now } : {}
  const data = { ...form, testExpiresAt, ...activated }
  const id = existing?.id ?? v7()
  try {
    if (existing) {
      const { count } = await prisma.device.updateMany({
        where: { id, version: existing.version },
        data: { ...data, version: { increment: 1 } },
      })
      if (count === 0) return stale()
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

const token = () => randomBytes(keyBytes).toString('base64url')
/** What an installer types into a device of this protocol. */
const newKey: Record<Protocol, () => string> = {
  http: token,
  web: token,
  lorawan: token,
  mqtt: token,
  coap: token,
  webhook: token,
  // Typed at a small keyboard or into its configuration: still 20 random characters.
  scaip: () => randomBytes(15).toString('base64url'),
  // AES-128, as each panel has it.
  dc09: () => randomBytes(16).toString('hex').toUpperCase(),
}
/** With these the secret itself is needed, to answer a challenge, to decrypt or to check a signature: it is kept sealed. Of the others there is a hash. */
const needSecret: Protocol[] = ['scaip', 'dc09', 'coap', 'webhook']
const secretOf = ({ seal }: Parts, protocol: Protocol, key: string) =>
  needSecret.includes(protocol) ? new Uint8Array(seal.seal(key)) : null

/** A fresh key, shown this once; the old one stops working at once. */
export async function issueKey(parts: Parts, caller: Caller, id: string): Promise<{ key: string } | Refusal> {
  const device = await loadDevice(parts, id, caller.pathsFor('write-file'))
  if (!device) return refuse('not-found')
  const key = newKey[device.protocol]()
  await parts.prisma.device.update({
    where: { id },
    data: {
      keyHash: new Uint8Array(hashKey(key)),
      secret: secretOf(parts, device.protocol, key),
      version: { increment: 1 },
    },
  })
  await audit(parts, { accountId: caller.id, action: 'issue-key', subjectKind: 'device', subjectId: id })
  return { key }
}
