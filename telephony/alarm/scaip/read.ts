import { SaxesParser } from 'saxes'

/** What a controller says [SCAIP, alarm-devices.md 1.2; the standard was not read]. Texts are as they came, codes padded to their width. */
export type ScaipRequest = {
  ref: string
  cid: string
  /** `ME` event, `RE` withdrawn, `IN` more of the same, `PI` heartbeat. */
  mty: string
  dty: string
  did: string
  dco: string
  stc: string
  lco: string
  /** Texts of the installer: device, status, location. */
  dte: string
  stt: string
  lte: string
  /** 1: they ask to be called back. */
  cha: string
  /** By which media it can be called, and where: `sip:`, `gsm:+45…`, `no-voice:`. */
  crd: string[]
  /** Battery or another reading with it. */
  ico: string
  ite: string
  position: { lat: number; lon: number } | undefined
}

/** [alarm-devices.md 1.3] 2 cannot be read, 3 says what cannot be, 7 lacks what is needed. */
export type ScaipFault = { snu: 2 | 3 | 7; ste: string; ref: string; cid: string; mty: string }

const bytesMax = 16_384
const depthMax = 4
/** Without them it cannot be answered, known, or understood. */
const needed = ['ref', 'cid', 'dty'] as const
const kinds = ['ME', 'RE', 'IN', 'PI']
const widths: Record<string, number> = { dty: 4, stc: 4, dco: 3, lco: 3 }

/** Reads `<mrq>`, its elements in any order; nothing that an XML document can do beside that: no DOCTYPE, no entity of its own. */
export function readScaip(body: string): ScaipRequest | ScaipFault {
  const found = elementsOf(body)
  const ref = first(found.values, 'ref').slice(0, 16)
  const cid = first(found.values, 'cid').slice(0, 16)
  const said = first(found.values, 'mty')
  const fault = (snu: ScaipFault['snu'], ste: string): ScaipFault => ({ snu, ste, ref, cid, mty: said })
  if (found.fault) return fault(2, found.fault)
  for (const tag of needed) if (first(found.values, tag) === '') return fault(7, `missing ${tag}`)
  if (!/^[A-Za-z0-9]{1,16}$/.test(ref) || !/^\d{1,16}$/.test(cid)) return fault(3, 'ref or cid')
  const mty = said || 'ME'
  if (!kinds.includes(mty)) return fault(3, `mty ${mty.slice(0, 8)}`)
  const code = (tag: string) => {
    const said = first(found.values, tag)
    return said === '' ? '' : said.padStart(widths[tag] ?? 0, '0')
  }
  const text = (tag: string) => first(found.values, tag)
  return {
    ref,
    cid,
    mty,
    dty: code('dty'),
    did: text('did'),
    dco: code('dco'),
    stc: code('stc'),
    lco: code('lco'),
    dte: text('dte'),
    stt: text('stt'),
    lte: text('lte'),
    cha: text('cha'),
    crd: (found.values.get('crd') ?? []).map((one) => one.trim()),
    ico: text('ico'),
    ite: text('ite'),
    position: positionOf(text('geo')),
  }
}

const first = (values: Map<string, string[]>, tag: string): string => (values.get(tag)?.[0] ?? '').trim()

function elementsOf(body: string): { values: Map<string, string[]>; fault?: string } {
  const values = new Map<string, string[]>()
  if (Buffer.byteLength(body) > bytesMax) return { values, fault: 'too long' }
  const path: string[] = []
  let text = ''
  let fault: string | undefined
  const parser = new SaxesParser()
  parser.on('error', () => {
    fault ??= 'not XML'
  })
  parser.on('doctype', () => {
    fault ??= 'DOCTYPE'
  })
  parser.on('opentag', ({ name, attributes: _ }) => {
    path.push(name)
    text = ''
    if (path.length > depthMax) fault ??= 'too deep'
  })
  parser.on('text', (more) => {
    text += more
  })
  parser.on('closetag', ({ name }) => {
    if (path.length > 1) values.set(name, [...(values.get(name) ?? []), text])
    path.pop()
    text = ''
    if (path.length === 0 && name !== 'mrq') fault ??= `root ${name.slice(0, 20)}`
  })
  try {
    parser.write(body).close()
  } catch {
    fault ??= 'not XML'
  }
  return fault ? { values, fault } : { values }
}

function positionOf(geo: string): ScaipRequest['position'] {
  const [, lat, lon] = /^(-?\d{1,2}(?:\.\d+)?)\s*,\s*(-?\d{1,3}(?:\.\d+)?)$/.exec(geo) ?? []
  if (lat === undefined || lon === undefined) return undefined
  const position = { lat: Number(lat), lon: Number(lon) }
  return Math.abs(position.lat) > 90 || Math.abs(position.lon) > 180 ? undefined : position
}
