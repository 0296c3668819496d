import type { DeviceType } from '../../prisma/generated/client.ts'
import { audit } from '../access/audit.ts'
import { administersDistrict } from '../access/caller.ts'
import type { DeviceTypeForm, DeviceTypeView } from '../contracts/devices.ts'
import type { Caller } from '../platform/caller.ts'
import type { Parts } from '../platform/parts.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'

const view = (row: DeviceType) => row as unknown as DeviceTypeView

export const listDeviceTypes = async ({ prisma }: Parts): Promise<DeviceTypeView[]> =>
  (await prisma.deviceType.findMany({ orderBy: { code: 'asc' } })).map(view)

/** Types are those of the whole centre, as the catalogue is: a period too long leaves people unguarded everywhere. */
export async function saveDeviceType(
  parts: Parts,
  caller: Caller,
  form: DeviceTypeForm,
  existing?: { code: string; version: number },
): Promise<DeviceTypeView | Refusal> {
  if (!administersDistrict(caller))
    return refuse('forbidden', 'Only an administrator of the district changes the types of device.')
  const { deviceType } = parts.prisma
  const there = await deviceType.findUnique({ where: { code: existing?.code ?? form.code } })
  if (existing && existing.code !== form.code)
    return refuse('invalid', 'A code stays: devices refer to it.', [
      { path: 'form.code', message: 'cannot-be-changed' },
    ])
  if (existing) {
    const { count } = await deviceType.updateMany({
      where: existing,
      data: { ...form, version: { increment: 1 } },
    })
    if (count === 0)
      return there
        ? refuse('stale-version', 'Somebody has changed it meanwhile. Look again and enter your change anew.')
        : refuse('not-found')
  } else if (there) return refuse('code-taken', 'Another type has this code.')
  else await deviceType.create({ data: form })
  await audit(parts, {
    accountId: caller.id,
    action: existing ? 'change' : 'create',
    subjectKind: 'device-type',
    subjectId: form.code,
  })
  return view((await deviceType.findUnique({ where: { code: form.code } })) as DeviceType)
}
