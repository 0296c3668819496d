import type { DeviceView } from '../../server/contracts/devices.ts'

/**
 * What the QR code of a new key says. A kiosk opens its own page with it: what stands behind # is sent to no server and lies in no
 * log. Whatever an installer's app or a person with a reader enters elsewhere is plain text, a line for each thing. Pure.
 */
export function enrolment(
  device: Pick<DeviceView, 'kind' | 'protocol' | 'account'>,
  { key, server }: { key: string; server: string },
  origin: string,
): string {
  if (device.kind === 'kiosk') return `${origin}/kiosk#key=${encodeURIComponent(key)}`
  const lines = { protocol: device.protocol, server, account: device.account, key }
  return Object.entries(lines)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')
}
