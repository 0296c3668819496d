import type { AlarmDevice } from '../../server/contracts/alarms.ts'

/**
 * May this gateway tell what that device said? Of what reports through it, and of what nobody has said through whom it reports and
 * has no key of its own: a gateway that was forgotten on a form must not cost a press.
 */
export const speaksFor = (gateway: AlarmDevice, device: AlarmDevice): boolean =>
  device.gatewayId === gateway.id || (device.gatewayId === undefined && device.keyHash === undefined)
