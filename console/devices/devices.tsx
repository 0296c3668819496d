import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { deviceRoutes as api, type DeviceForm, type DeviceView } from '../../server/contracts/devices.ts'
import { deviceKinds, deviceStates, protocols } from '../../server/contracts/vocabulary.ts'
import { call } from '../lib/api.ts'
import { serverNow } from '../lib/clock.ts'
import { useKnown } from '../lib/known.ts'
import { may, useAreas, useSignedIn } from '../lib/session.ts'
import { AreaField, Fields, TextField, WordField } from '../ui/fields.tsx'
import { FilePage } from '../ui/file-page.tsx'
import { When } from '../ui/marks.tsx'
import { TestAge } from '../ui/test-age.tsx'
import { ImportDevices } from './import.tsx'
import { Journey } from './journey.tsx'
import { Key } from './key.tsx'
import { ResidentField } from './resident-field.tsx'
import { Strangers } from './strangers.tsx'
import { GatewayField, TypeField } from './type-fields.tsx'
import './devices.css'

function valuesOf(full: DeviceView | undefined): DeviceForm {
  if (!full)
    return {
      residentId: null,
      areaId: undefined as never,
      protocol: 'http',
      account: '',
      kind: 'pendant',
      room: '',
      state: 'registered',
      testExpiresAt: null,
      typeCode: null,
      gatewayId: null,
    }
  const { residentId, areaId, protocol, account, kind, room, state, testExpiresAt, typeCode, gatewayId } = full
  return { residentId, areaId, protocol, account, kind, room, state, testExpiresAt, typeCode, gatewayId }
}

const testHours = 24
/** A test always ends: a day from now unless another end was set. */
const clean = (form: DeviceForm): DeviceForm => ({
  ...form,
  residentId: form.residentId ?? null,
  typeCode: form.typeCode ?? null,
  gatewayId: form.gatewayId ?? null,
  testExpiresAt:
    form.state === 'in-test'
      ? (form.testExpiresAt ?? new Date(serverNow() + testHours * 3_600_000 - 60_000).toISOString())
      : null,
})

export function DevicesPage() {
  const { t } = useTranslation()
  const me = useSignedIn()
  const { lineOf } = useAreas()
  const known = useKnown()
  const [toTakeBack, setToTakeBack] = useState(false)
  return (
    <>
      {may(me, 'supervise') && <Strangers />}
      <FilePage<DeviceView, DeviceView, DeviceForm>
        name={toTakeBack ? 'devices-to-take-back' : 'devices'}
        title={t('shell.place.devices')}
        searchHint={t('files.deviceSearch')}
        mayWrite={may(me, 'write-file')}
        tools={
          <>
            <button
              type="button"
              className={`btn ${toTakeBack ? 'on' : ''}`}
              aria-pressed={toTakeBack}
              onClick={() => setToTakeBack(!toTakeBack)}
            >
              {t('files.toTakeBack')}
            </button>
            {may(me, 'write-file') && <ImportDevices />}
          </>
        }
        rowId={(row) => row.id}
        nameOf={(full) => [full.account, full.residentName].filter(Boolean).join(' · ')}
        newTitle={t('files.newOf.device')}
        columns={[
          { title: t('files.account'), dataIndex: 'account' },
          { title: t('files.kind'), render: (_, row) => t(`words.device.${row.kind}`) },
          {
            title: t('files.resident'),
            render: (_, row) => (
              <span className="row">
                {row.residentName}
                {row.fileClosed && <span className="chip red">{t('board.fileClosed')}</span>}
              </span>
            ),
          },
          { title: t('files.area'), render: (_, row) => lineOf(row.areaId) },
          { title: t('files.room'), render: (_, row) => known(row.room) },
          {
            title: t('files.state'),
            render: (_, row) => (
              <span className="row">
                <span className={`chip ${row.state === 'in-service' ? 'green' : 'amber'}`}>
                  {t(`words.deviceState.${row.state}`)}
                </span>
                {row.revokedAt && <span className="chip red">{t('enrol.revokedMark')}</span>}
                {row.faults.map((one) => (
                  <span key={one.type} className="chip amber">
                    {t(`words.kind.${one.type}`)}
                  </span>
                ))}
              </span>
            ),
          },
          {
            title: t('files.battery'),
            render: (_, row) =>
              row.battery === null ? (
                ''
              ) : (
                <span className={`num chip ${row.battery < 0.2 ? 'red' : ''}`}>{Math.round(row.battery * 100)}%</span>
              ),
          },
          {
            title: t('files.lastHeard'),
            render: (_, row) => (
              <span className="row">
                <When at={row.lastHeardAt} />
                {row.silence && (
                  <span className={`chip ${row.silence === 'lost' ? 'red' : 'amber'}`}>
                    {t(`words.silence.${row.silence}`)}
                  </span>
                )}
              </span>
            ),
          },
          {
            title: t('files.lastTest'),
            // A kiosk is used all day, and nobody presses a gateway.
            render: (_, row) =>
              row.kind === 'kiosk' || row.kind === 'gateway' ? null : <TestAge at={row.lastGoodTestAt} />,
          },
        ]}
        list={({ q, cursor }) =>
          call(api.devices, { query: { q, cursor, limit: 20, ...(toTakeBack && { toTakeBack: 'true' as const }) } })
        }
        load={(id) => call(api.device, { params: { id } })}
        values={valuesOf}
        save={(form, full) =>
          full
            ? call(api.updateDevice, { params: { id: full.id }, body: { version: full.version, form: clean(form) } })
            : call(api.createDevice, { body: clean(form) })
        }
        extra={(full) => (
          <>
            <Journey device={full} />
            {may(me, 'write-file') && <Key device={full} />}
          </>
        )}
        fields={({ full }) => (
          <Fields>
            <TextField name="account" label={t('files.account')} required max={60} />
            <WordField name="protocol" label={t('files.protocol')} list={protocols} words="protocol" />
            <WordField name="kind" label={t('files.kind')} list={deviceKinds} words="device" />
            <TextField name="room" label={t('files.room')} max={40} />
            <AreaField name="areaId" label={t('files.area')} required level="community" />
            <ResidentField
              name="residentId"
              label={t('files.resident')}
              shown={full?.residentId ? { id: full.residentId, name: full.residentName ?? '' } : undefined}
            />
            <TypeField />
            <GatewayField shown={full?.gatewayId ?? null} />
            <WordField name="state" label={t('files.state')} list={deviceStates} words="deviceState" />
          </Fields>
        )}
      />
    </>
  )
}
