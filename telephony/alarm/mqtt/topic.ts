/** `care/<site>/<device>/{alarm,hb,battery,tamper}` [alarm-devices.md 4.3]. */
export type Topic = { account: string; kind: (typeof kinds)[number] }

const kinds = ['alarm', 'hb', 'battery', 'tamper'] as const
const accountMax = 60

/** Whose word it is, and of what kind; undefined for another topic. */
export function readTopic(topic: string): Topic | undefined {
  const [care, site, account, last, ...rest] = topic.split('/')
  const kind = kinds.find((one) => one === last)
  if (care !== 'care' || !site || !account || !kind || rest.length > 0 || account.length > accountMax) return undefined
  return { account, kind }
}
