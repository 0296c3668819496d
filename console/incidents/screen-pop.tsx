import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { IncidentDetail } from '../../server/contracts/incidents.ts'
import { type ResidentView, residentRoutes } from '../../server/contracts/residents.ts'
import { ageOf } from '../lib/age.ts'
import { call } from '../lib/api.ts'
import { useKeys } from '../lib/keys.ts'
import { useKnown } from '../lib/known.ts'
import { useAreas } from '../lib/session.ts'
import { ClassBadge, ErrorNote, When } from '../ui/marks.tsx'
import { Telephone } from '../ui/telephone.tsx'
import { Contacts } from './contacts.tsx'
import { PressedOften } from './pressed-often.tsx'
import { oursOf, placeOf } from './told.ts'

const shownAlarms = 6

/** The screen pop, in the order in which it is read: who, what fired, what they wish, where, whom to call. */
export function ScreenPop({
  detail,
  map,
  readOnly = false,
}: {
  detail: IncidentDetail
  map: ReactNode
  readOnly?: boolean
}) {
  const { t } = useTranslation()
  const { resident } = detail
  return (
    <>
      {(detail.row.fileClosed || resident?.active === false) && (
        <section className="card note-error" role="alert">
          <strong>{t('incident.fileClosed')}</strong> {t('incident.fileClosedNext')}
        </section>
      )}
      {resident && <Person resident={resident} />}
      {!resident && !detail.outage && <section className="card">{t('incident.nobodyKnown')}</section>}
      {(detail.alarms.length > 0 || detail.nearbyIncidents.length > 0) && <Fired detail={detail} />}
      {resident?.standingInstruction && (
        <section className="card instruction">
          <h3>{t('incident.instruction')}</h3>
          <p>{resident.standingInstruction}</p>
        </section>
      )}
      {resident && <Address resident={resident} incidentId={detail.row.id} readOnly={readOnly} />}
      {map}
      {resident && <Contacts resident={resident} incidentId={detail.row.id} readOnly={readOnly} />}
      {resident?.healthNotes && (
        <section className="card">
          <h3>{t('incident.health')}</h3>
          <p>{resident.healthNotes}</p>
        </section>
      )}
    </>
  )
}

function Person({ resident }: { resident: ResidentView }) {
  const { t } = useTranslation()
  const { hearing, speech, mobility } = resident
  return (
    <section className="card person">
      <div className="row">
        {resident.nameToUse && resident.nameToUse !== resident.name && <strong>{resident.name}</strong>}
        {resident.birthDate && <span className="num">{t('incident.age', { n: ageOf(resident.birthDate) })}</span>}
        <span>{t(`words.sex.${resident.sex}`)}</span>
        {resident.phone && <Telephone number={resident.phone} />}
      </div>
      <div className="row" style={{ gap: 4, marginTop: 8 }}>
        {resident.languages.map((language) => (
          <span className="chip accent" key={language}>
            {t(`words.language.${language}`)}
          </span>
        ))}
        {hearing !== 'ordinary' && <span className="chip amber">{t(`words.hearing.${hearing}`)}</span>}
        {speech !== 'ordinary' && <span className="chip amber">{t(`words.speech.${speech}`)}</span>}
        {mobility !== 'ordinary' && <span className="chip amber">{t(`words.mobility.${mobility}`)}</span>}
        {resident.risks.map((risk) => (
          <span className="chip red" key={risk}>
            {t(`words.risk.${risk}`)}
          </span>
        ))}
      </div>
    </section>
  )
}

function Fired({ detail }: { detail: IncidentDetail }) {
  const { t } = useTranslation()
  const known = useKnown()
  const device = detail.resident?.devices.find((one) => one.id === detail.alarms[0]?.deviceId)
  return (
    <section className="card">
      <h3>{t('incident.fired')}</h3>
      <ul className="stack" style={{ gap: 4 }}>
        {detail.alarms.slice(0, shownAlarms).map((alarm) => (
          <li className="row" key={alarm.id}>
            <strong>{t(`words.kind.${alarm.type}`)}</strong>
            <span>
              {t(`words.device.${alarm.deviceKind}`)} · {known(alarm.room)}
            </span>
            <When at={alarm.receivedAt} />
            <Said said={alarm.said} />
            {alarm.notes.map((note) => (
              <span className="chip amber" key={note}>
                {t(`words.alarmNote.${note}`)}
              </span>
            ))}
            {alarm.battery !== null && (
              <span className={`chip ${alarm.battery < 0.2 ? 'amber' : ''}`}>
                {t('incident.battery', { n: Math.round(alarm.battery * 100) })}
              </span>
            )}
          </li>
        ))}
      </ul>
      {detail.alarms.length > shownAlarms && (
        <p className="muted">{t('incident.moreAlarms', { n: detail.alarms.length - shownAlarms })}</p>
      )}
      {detail.presses && <PressedOften presses={detail.presses} />}
      {device && (
        <p className="muted" style={{ marginTop: 6 }}>
          {t('incident.lastTest')} <When at={device.lastGoodTestAt} />
        </p>
      )}
      {detail.nearbyIncidents.map((near) => (
        <p className="row" key={near.row.id} style={{ marginTop: 6 }}>
          <ClassBadge value={near.row.class} />
          <span>{t(`incident.${near.relation}`)}</span>
          <span className="num">#{near.row.number}</span>
          <span className="chip">{t(`words.status.${near.row.status}`)}</span>
        </p>
      ))}
    </section>
  )
}

/** Where it was pressed, if the unit names a place that we have a word for; the device's own words are a hint behind it. */
function Said({ said }: { said: string }) {
  const { t, i18n } = useTranslation()
  const place = placeOf(said)
  const ours = oursOf(said)
  if (ours) return <span className="muted">{t(`words.ours.${ours.code}`, { a: ours.a, b: ours.b })}</span>
  if (place && i18n.exists(`words.place.${place}`))
    return (
      <strong className="chip accent" title={said}>
        {t(`words.place.${place}`)}
      </strong>
    )
  return said ? <span className="muted">{said}</span> : null
}

function Address({
  resident,
  incidentId,
  readOnly,
}: {
  resident: ResidentView
  incidentId: string
  readOnly: boolean
}) {
  const { t } = useTranslation()
  const { lineOf } = useAreas()
  const { household } = resident
  const may = household.hasAccess && !readOnly
  const [code, setCode] = useState<string>()
  const reveal = useMutation({
    mutationFn: () =>
      call(residentRoutes.revealAccess, { params: { id: household.id }, body: { incidentId, reason: '' } }),
    onSuccess: ({ access }) => setCode(access),
  })
  useKeys(
    may && code === undefined
      ? [{ key: 'k', does: 'keys.reveal', run: () => reveal.isPending || reveal.mutate() }]
      : [],
  )
  return (
    <section className="card">
      <h3>{t('incident.address')}</h3>
      <p className="address">
        {household.address} {household.building} {household.entrance} {household.room}
      </p>
      <p className="row" style={{ gap: 4, marginTop: 4 }}>
        <span className="muted">{lineOf(resident.areaId)}</span>
        {household.floor !== null && <span className="chip">{t('incident.floor', { n: household.floor })}</span>}
        <span className="chip">{t(household.lift ? 'incident.lift' : 'incident.noLift')}</span>
      </p>
      {may &&
        (code === undefined ? (
          <button type="button" className="btn" style={{ marginTop: 8 }} onClick={() => reveal.mutate()}>
            {t('incident.reveal')} <kbd>K</kbd>
          </button>
        ) : (
          <p className="access">{code}</p>
        ))}
      {reveal.error && <ErrorNote error={reveal.error} />}
    </section>
  )
}
