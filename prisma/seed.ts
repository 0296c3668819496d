import { createHash, randomBytes, randomInt } from 'node:crypto'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { v7 } from 'uuid'
import { hashPassword } from '../server/access/password.ts'
import type { Db, PrismaClient, Tx } from '../server/platform/db.ts'
import type { Seal } from '../server/platform/seal.ts'
import { searchText } from '../server/platform/search-text.ts'
import { accounts } from './demo/accounts.ts'
import { catalogue } from './demo/catalogue.ts'
import { makeDistrict } from './demo/district.ts'
import { otherDevices } from './demo/other-devices.ts'

const districtSeed = 20261124
const letters = 'abcdefghjkmnpqrstuvwxyz23456789' // none that look alike
const password = () => Array.from({ length: 12 }, () => letters[randomInt(letters.length)]).join('')

/** The one number of the district, and one for those who speak English. */
const hotlines = (areaOf: (key: string) => string) => [
  { number: '12349', name: '一呼热线', name_en: 'Yihu hotline', area_id: areaOf('district'), locale: 'zh-CN' },
  { number: '80001200', name: '英语热线', name_en: 'English line', area_id: areaOf('district'), locale: 'en' },
]

type Options = {
  db: Db
  prisma: PrismaClient
  seal: Seal
  dataDir: string
  baseUrl: string
  now: Date
  note: (line: string) => void
}

/**
 * Fills an empty database with the fictional district, in one transaction, and writes its passwords and device keys, random
 * for each data directory, to DATA_DIR/demo.json (mode 0600). On a database that has areas it does nothing.
 */
export async function seedDemo({ db, seal, dataDir, baseUrl, now, note }: Options): Promise<void> {
  const [there] = await db.query('SELECT 1 FROM area LIMIT 1')
  if (there) return
  const started = Date.now()
  const district = makeDistrict(districtSeed, now)
  const areaIds = new Map<string, { id: string; path: string }>()
  for (const area of district.areas) {
    const id = v7()
    areaIds.set(area.key, { id, path: `${area.parent ? areaIds.get(area.parent)?.path : '/'}${id}/` })
  }
  const areaOf = (key: string) => (areaIds.get(key) as { id: string }).id
  const households = district.households.map((one) => ({ ...one, id: v7(), areaId: areaOf(one.area) }))
  const line = (i: number) => {
    const { address, building, entrance, room } = households[i] as (typeof households)[number]
    return `${address} ${building} ${entrance} ${room}`
  }
  const residents = district.residents.map((one) => ({ ...one, id: v7(), areaId: areaOf(one.area) }))
  const devices = district.devices.map((one) => ({ ...one, id: v7(), key: randomBytes(24).toString('base64url') }))
  const others = otherDevices(now).map((one) => ({ ...one, id: v7() }))
  const kiosks = district.kiosks.map((one) => ({ ...one, id: v7(), key: randomBytes(24).toString('base64url') }))
  const providers = district.providers.map((one) => ({ ...one, id: v7() }))
  const responders = district.responders.map((one) => ({ ...one, id: v7() }))
  const signIns = await Promise.all(
    accounts.map(async (one) => {
      const secret = password()
      return { ...one, id: v7(), password: secret, hash: await hashPassword(secret) }
    }),
  )
  const hashed = (key: string) => `\\x${createHash('sha256').update(key).digest('hex')}`
  const sealed = (text: string) => (text ? `\\x${seal.seal(text).toString('hex')}` : null)

  await db.transaction(async (tx) => {
    await fill(
      tx,
      'area',
      district.areas.map((area) => ({
        id: areaOf(area.key),
        parent_id: area.parent && areaOf(area.parent),
        level: area.level,
        name: area.name,
        name_en: area.nameEn,
        path: areaIds.get(area.key)?.path,
        lat: area.lat,
        lon: area.lon,
        on_call_phone: area.onCallPhone,
        version: 1,
      })),
    )
    // The district's own catalogue stands instead of the one service that every centre starts with.
    await tx.query('DELETE FROM catalogue_item')
    await fill(
      tx,
      'catalogue_item',
      catalogue.map(({ nameEn, targetMinutes, priceFen, subsidyFen, firedBy, ...item }) => ({
        ...item,
        name_en: nameEn,
        target_minutes: targetMinutes,
        price_fen: priceFen,
        subsidy_fen: subsidyFen,
        fired_by: firedBy,
        version: 1,
      })),
    )
    await fill(
      tx,
      'hotline',
      hotlines(areaOf).map((one) => ({ ...one, id: v7(), active: true, version: 1 })),
    )
    await fill(
      tx,
      'account',
      signIns.map((one) => ({
        id: one.id,
        username: one.username,
        name: one.name,
        password_hash: one.hash,
        locale: 'zh-CN',
        languages: one.languages,
        skills: one.skills,
        capacity: 3,
        active: true,
        failed_logins: 0,
        version: 1,
      })),
    )
    await fill(
      tx,
      'account_role',
      signIns.flatMap((one) =>
        one.areas.map((area) => ({ account_id: one.id, role: one.role, area_id: areaOf(area) })),
      ),
    )
    await fill(
      tx,
      'household',
      households.map((one) => ({
        id: one.id,
        area_id: one.areaId,
        address: one.address,
        building: one.building,
        entrance: one.entrance,
        floor: one.floor,
        room: one.room,
        lift: one.lift,
        lat: one.lat,
        lon: one.lon,
        access_sealed: sealed(one.access),
        search: searchText([line(one.i)]),
        version: 1,
      })),
    )
    await fill(
      tx,
      'resident',
      residents.map((one) => ({
        id: one.id,
        household_id: households[one.household]?.id,
        area_id: one.areaId,
        name: one.name,
        name_to_use: one.nameToUse,
        sex: one.sex,
        birth_date: one.birthDate,
        phone: one.phone,
        languages: one.languages,
        hearing: one.hearing,
        speech: one.speech,
        mobility: one.mobility,
        risks: one.risks,
        standing_instruction: one.standingInstruction,
        health_sealed: sealed(one.healthNotes),
        line_class: one.lineClass,
        family_consent: one.familyConsent,
        review_due: one.reviewDue,
        active: true,
        search: searchText([one.name, one.nameToUse, line(one.household)], [one.phone]),
        version: 1,
      })),
    )
    await fill(
      tx,
      'contact',
      residents.flatMap((one) =>
        one.contacts.map((contact, n) => ({
          id: v7(),
          resident_id: one.id,
          position: n + 1,
          name: contact.name,
          relation: contact.relation,
          phone: contact.phone,
          keyholder: contact.keyholder,
          hours: contact.hours,
          minutes_away: contact.minutesAway,
        })),
      ),
    )
    await fill(
      tx,
      'device',
      devices.map((one) => ({
        id: one.id,
        resident_id: residents[one.resident]?.id,
        area_id: areaOf(one.area),
        protocol: 'http',
        account: one.account,
        key_hash: hashed(one.key),
        kind: one.kind,
        room: one.room,
        state: one.state,
        test_expires_at: one.testExpiresAt,
        activated_at: one.activatedAt,
        last_heard_at: one.lastHeardAt,
        last_good_test_at: one.lastGoodTestAt,
        battery: one.battery,
        version: 1,
      })),
    )
    await fill(
      tx,
      'device',
      kiosks.map((one) => ({
        id: one.id,
        area_id: areaOf(one.area),
        protocol: 'web',
        account: one.account,
        key_hash: hashed(one.key),
        kind: 'kiosk',
        room: one.room,
        state: 'in-service',
        activated_at: one.activatedAt,
        version: 1,
      })),
    )
    const gatewayOf = (account: string) => others.find((one) => one.account === account)?.id
    await fill(
      tx,
      'device',
      others.map((one) => ({
        id: one.id,
        resident_id: one.kind === 'gateway' ? null : residents[one.resident]?.id,
        area_id: residents[one.resident]?.areaId,
        protocol: one.protocol,
        account: one.account,
        key_hash: one.key ? hashed(one.key) : null,
        secret: one.key && one.sealed ? sealed(one.key) : null,
        gateway_id: one.gateway ? gatewayOf(one.gateway) : null,
        kind: one.kind,
        room: one.room,
        state: 'in-service',
        activated_at: one.activatedAt,
        last_heard_at: one.lastGoodTestAt,
        last_good_test_at: one.lastGoodTestAt,
        version: 1,
      })),
    )
    await fill(
      tx,
      'provider',
      providers.map((one) => ({
        id: one.id,
        area_id: areaOf(one.area),
        name: one.name,
        kind: one.kind,
        phone: one.phone,
        licence: one.licence,
        licence_until: one.licenceUntil,
        services: one.services,
        hours: one.hours,
        rating: one.rating,
        active: true,
        search: searchText([one.name], [one.phone]),
        version: 1,
      })),
    )
    await fill(
      tx,
      'responder',
      responders.map((one) => ({
        id: one.id,
        provider_id: one.provider === null ? null : providers[one.provider]?.id,
        area_id: areaOf(one.area),
        name: one.name,
        kind: one.kind,
        phone: one.phone,
        languages: one.languages,
        skills: one.skills,
        travel: one.travel,
        on_duty: one.onDuty,
        lat: one.lat,
        lon: one.lon,
        position_at: one.positionAt,
        open_assignments: 0,
        max_open: 1,
        offers_made: one.offersMade,
        offers_accepted: one.offersAccepted,
        active: true,
        search: searchText([one.name], [one.phone]),
        version: 1,
      })),
    )
    const demo = {
      baseUrl,
      accounts: signIns.map((one) => ({ role: one.role, username: one.username, password: one.password })),
      devices: [
        ...devices.map((one) => ({
          id: one.id,
          protocol: 'http',
          account: one.account,
          key: one.key,
          residentName: residents[one.resident]?.name,
        })),
        ...others.map(({ id, protocol, account, key, gateway, kind, resident }) => ({
          id,
          protocol,
          account,
          // What a platform or a network server shows for the devices behind it is its own.
          key: key ?? others.find((one) => one.account === gateway)?.key ?? '',
          residentName: kind === 'gateway' ? '' : residents[resident]?.name,
        })),
        ...kiosks.map(({ id, account, key }) => ({ id, protocol: 'web', account, key, residentName: '' })),
      ],
      residents: residents.slice(0, 50).map(({ id, name }) => ({ id, name })),
      responders: responders.slice(0, 50).map(({ id, name }) => ({ id, name })),
    }
    // Before the commit: a district without its passwords would be of no use, a file without its district is written again.
    const file = join(dataDir, 'demo.json')
    writeFileSync(`${file}.new`, JSON.stringify(demo, null, 1), { mode: 0o600 })
    renameSync(`${file}.new`, file)
  })
  await db.query('ANALYZE')
  note(
    `demo district: ${residents.length} residents, ${devices.length} devices, ${responders.length} responders in ${((Date.now() - started) / 1000).toFixed(1)} s`,
  )
}

/** All rows in one statement; jsonb_populate_recordset gives each value its column's type. */
async function fill(tx: Tx, table: string, rows: Record<string, unknown>[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {}).join(', ')
  await tx.query(
    `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM jsonb_populate_recordset(NULL::${table}, $1)`,
    [JSON.stringify(rows)],
  )
}
