import type { Contact, Device, Household, Resident } from '../../prisma/generated/client.ts'
import type { ContactView, HouseholdView, ResidentRow, ResidentView } from '../contracts/residents.ts'
import type { Seal } from '../platform/seal.ts'
import { deviceStateAt } from './device-state.ts'

export const day = (date: Date | null): string | null => date?.toISOString().slice(0, 10) ?? null
const iso = (date: Date | null): string | null => date?.toISOString() ?? null

export type HouseholdRow = Household & { _count: { residents: number } }

export function householdView(row: HouseholdRow): HouseholdView {
  const { id, areaId, address, building, entrance, floor, room, lift, lat, lon, version } = row
  return {
    id,
    areaId,
    address,
    building,
    entrance,
    floor,
    room,
    lift,
    lat,
    lon,
    hasAccess: row.accessSealed !== null,
    residents: row._count.residents,
    version,
  }
}

export function contactView({ residentId: _, ...contact }: Contact): ContactView {
  return {
    ...contact,
    lastReachedAt: iso(contact.lastReachedAt),
    lastResult: contact.lastResult as ContactView['lastResult'],
  }
}

/** A building's address in one line, as it is spoken. */
export const addressLine = ({
  address,
  building,
  entrance,
  room,
}: Pick<Household, 'address' | 'building' | 'entrance' | 'room'>): string =>
  [address, building, entrance, room].filter(Boolean).join(' ')

export type ResidentFull = Resident & { contacts: Contact[]; devices: Device[]; household: HouseholdRow }

export function residentView(row: ResidentFull, seal: Seal, now: Date): ResidentView {
  const { search: _, healthSealed, household, contacts, devices, ...rest } = row
  return {
    ...(rest as unknown as Omit<ResidentView, 'household' | 'contacts' | 'devices'>),
    birthDate: day(row.birthDate),
    reviewDue: day(row.reviewDue),
    healthNotes: healthSealed ? seal.open(healthSealed) : '',
    household: householdView(household),
    contacts: contacts.map(contactView),
    devices: devices.map(({ id, kind, room, state, testExpiresAt, battery, lastHeardAt, lastGoodTestAt }) => ({
      id,
      kind,
      room,
      state: deviceStateAt({ state, testExpiresAt }, now).state,
      battery,
      lastHeardAt: iso(lastHeardAt),
      lastGoodTestAt: iso(lastGoodTestAt),
    })),
  }
}

export type FoundResident = Omit<ResidentRow, 'birthDate' | 'reviewDue' | 'address'> & {
  birthDate: Date | null
  reviewDue: Date | null
  address: string
  building: string
  entrance: string
  room: string
}

export function residentRow({ building, entrance, room, address, ...row }: FoundResident): ResidentRow {
  return {
    ...row,
    address: addressLine({ address, building, entrance, room }),
    birthDate: day(row.birthDate),
    reviewDue: day(row.reviewDue),
  }
}
