import type { Demo } from '../support/product.ts'
import { sitAtDesk } from './soak-desk.ts'

type Seat = Awaited<ReturnType<typeof sitAtDesk>>
type Rows = { query<T>(text: string): Promise<T[]> }
const password = 'thirty minutes of steady soaking, 1'

/** Operators with a telephone at their desk, one for each caller, hired for the soak. */
export async function seatsWithTelephones(url: string, demo: Demo, many: number): Promise<Seat[]> {
  if (many === 0) return []
  const admin = demo.accounts.find(({ role }) => role === 'area-administrator')
  if (!admin) throw new Error('nobody can hire')
  const headers = { origin: url, 'content-type': 'application/json' }
  const say = (path: string, body: object, cookie = '') =>
    fetch(`${url}/api/v1${path}`, { method: 'POST', headers: { ...headers, cookie }, body: JSON.stringify(body) })
  const signedIn = await say('/sessions', { username: admin.username, password: admin.password })
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  const areas = (await (await fetch(`${url}/api/v1/areas`, { headers: { cookie } })).json()) as {
    items: { id: string; level: string }[]
  }
  const district = areas.items.find(({ level }) => level === 'district')
  const seats: Seat[] = []
  for (let i = 0; i < many; i++) {
    const username = `soak${i}`
    const form = {
      username,
      name: username,
      phone: null,
      locale: 'zh-CN',
      capacity: 1,
      languages: ['zh', 'en'],
      skills: ['emergency', 'general', 'technical'],
      active: true,
      roles: [{ role: 'operator', areaId: district?.id }],
    }
    const hired = await say('/accounts', form, cookie)
    if (!hired.ok) throw new Error(`nobody was hired: ${await hired.text()}`)
    const { id } = (await hired.json()) as { id: string }
    const { link } = (await (await say(`/accounts/${id}/password-link`, {}, cookie)).json()) as { link: string }
    const token = new URL(link).hash.slice(1)
    const set = await say('/password-links/use', { token, password })
    if (!set.ok) throw new Error(`a password was not set: ${await set.text()}`)
    seats.push(await sitAtDesk(url, { username, password }, { hz: 1_000 }))
  }
  return seats
}

/**
 * What became of each call: none may have been cut off, given up, or known to sipp alone. Refused for want of room is not lost:
 * somebody is asked to call back, and it is said how often.
 */
export async function judgeCalls(db: Rows, said: string, seats: Seat[]): Promise<{ lost: number; lines: string[] }> {
  const rows = await db.query<{ because: string; n: number; recorded: number }>(
    `SELECT coalesce(call.ended_because, call.status) AS because, count(DISTINCT call.id)::int AS n,
       count(DISTINCT r.call_id)::int AS recorded FROM call LEFT JOIN recording r ON r.call_id = call.id AND r.ended_at IS NOT NULL WHERE call.medium = 'voice' GROUP BY 1`,
  )
  const [failed, good] = ['Failed call', 'Successful call'].map((name) =>
    Number(new RegExp(`${name}\\s*\\|\\s*\\d+\\s*\\|\\s*(\\d+)`).exec(said)?.[1] ?? Number.NaN),
  )
  const all = rows.reduce((sum, row) => sum + row.n, 0)
  const of = (because: string) => rows.find((row) => row.because === because)?.n ?? 0
  const [helped, refused] = [of('hung-up'), of('not-taken')]
  const lost = all - helped - refused + Math.abs(helped - (good ?? 0)) + Math.abs(refused - (failed ?? 0))
  return {
    lost,
    lines: [
      `${all} calls: ${rows.map((row) => `${row.because} ${row.n} (recorded ${row.recorded})`).join(', ')}; talked at the desks ${seats.reduce((sum, seat) => sum + seat.talked(), 0)}`,
      `sipp: ${good} went to their end, ${failed} refused; to be called back ${refused}; lost ${lost}`,
    ],
  }
}
