import { useTranslation } from 'react-i18next'
import { residentRoutes as api, type HouseholdForm, type HouseholdView } from '../../server/contracts/residents.ts'
import { call } from '../lib/api.ts'
import { may, useAreas, useSignedIn } from '../lib/session.ts'
import { AreaField, Fields, FlagField, NumberField, PlaceFields, TextField } from '../ui/fields.tsx'
import { FilePage } from '../ui/file-page.tsx'

export function HouseholdsPage() {
  const { t } = useTranslation()
  const me = useSignedIn()
  const { lineOf } = useAreas()
  const valuesOf = (full: HouseholdView | undefined): HouseholdForm => {
    if (!full)
      return {
        areaId: undefined as never,
        address: '',
        building: '',
        entrance: '',
        floor: null,
        room: '',
        lift: false,
        lat: undefined as never,
        lon: undefined as never,
        access: '',
      }
    const { id: _, hasAccess: __, residents: ___, version: ____, ...form } = full
    // Left as it is unless something is typed: the code itself is only shown on an audited click.
    return { ...form, access: null }
  }
  const clean = (form: HouseholdForm): HouseholdForm => ({
    ...form,
    floor: form.floor ?? null,
    access: form.access ?? null,
  })
  return (
    <FilePage<HouseholdView, HouseholdView, HouseholdForm>
      name="households"
      title={t('shell.place.households')}
      searchHint={t('files.addressSearch')}
      mayWrite={may(me, 'write-file')}
      nameOf={(full) => [full.address, full.building, full.entrance, full.room].filter(Boolean).join(' ')}
      newTitle={t('files.newOf.household')}
      rowId={(row) => row.id}
      columns={[
        { title: t('files.address'), render: (_, row) => `${row.address} ${row.building} ${row.entrance} ${row.room}` },
        { title: t('files.area'), render: (_, row) => lineOf(row.areaId) },
        { title: t('files.floor'), dataIndex: 'floor' },
        { title: t('files.lift'), render: (_, row) => t(row.lift ? 'ui.yes' : 'ui.no') },
        { title: t('files.access'), render: (_, row) => t(row.hasAccess ? 'ui.yes' : 'ui.no') },
        { title: t('shell.place.residents'), dataIndex: 'residents' },
      ]}
      list={({ q, cursor }) => call(api.households, { query: { q, cursor, limit: 20 } })}
      load={(id) => call(api.household, { params: { id } })}
      values={valuesOf}
      save={(form, full) =>
        full
          ? call(api.updateHousehold, { params: { id: full.id }, body: { version: full.version, form: clean(form) } })
          : call(api.createHousehold, { body: clean(form) })
      }
      fields={({ form }) => (
        <Fields>
          <AreaField name="areaId" label={t('files.area')} required level="community" />
          <TextField name="address" label={t('files.address')} required max={120} />
          <TextField name="building" label={t('files.building')} max={40} />
          <TextField name="entrance" label={t('files.entrance')} max={40} />
          <NumberField name="floor" label={t('files.floor')} min={-5} max={120} />
          <TextField name="room" label={t('files.room')} max={40} />
          <FlagField name="lift" label={t('files.lift')} />
          <TextField name="access" label={t('files.accessNew')} max={300} />
          <PlaceFields form={form} />
        </Fields>
      )}
    />
  )
}
