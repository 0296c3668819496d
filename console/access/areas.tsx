import { useTranslation } from 'react-i18next'
import type { z } from 'zod'
import { type AreaView, accessRoutes as api, type areaForm } from '../../server/contracts/access.ts'
import { areaLevels } from '../../server/contracts/vocabulary.ts'
import { call } from '../lib/api.ts'
import { may, useAreas, useSignedIn } from '../lib/session.ts'
import { AreaField, Fields, NumberField, TextField, WordField } from '../ui/fields.tsx'
import { FilePage } from '../ui/file-page.tsx'

type Values = z.input<typeof areaForm>

export function AreasPage() {
  const { t } = useTranslation()
  const me = useSignedIn()
  const { nameOf } = useAreas()
  const all = async () => (await call(api.areas)).items
  const values = (full: AreaView | undefined): Values => {
    if (!full)
      return {
        parentId: undefined as never,
        level: 'community',
        name: '',
        nameEn: '',
        lat: 30,
        lon: 120,
        onCallPhone: null,
      }
    const { parentId, level, name, nameEn, lat, lon, onCallPhone } = full
    return { parentId, level, name, nameEn, lat, lon, onCallPhone }
  }
  const clean = (form: Values): Values => ({ ...form, onCallPhone: form.onCallPhone || null })
  return (
    <FilePage<AreaView, AreaView, Values>
      name="area-files"
      title={t('shell.place.areas')}
      mayWrite={may(me, 'administer')}
      rowId={(row) => row.id}
      columns={[
        { title: t('files.name'), dataIndex: 'name' },
        { title: t('files.nameEn'), dataIndex: 'nameEn' },
        { title: t('files.level'), render: (_, row) => t(`words.level.${row.level}`) },
        { title: t('files.parent'), render: (_, row) => (row.parentId ? nameOf(row.parentId) : '') },
        { title: t('files.onCallPhone'), dataIndex: 'onCallPhone' },
      ]}
      list={async ({ q }) => ({
        items: (await all()).filter((area) => `${area.name} ${area.nameEn}`.toLowerCase().includes(q.toLowerCase())),
        next: null,
      })}
      load={async (id) => (await all()).find((area) => area.id === id) as AreaView}
      values={values}
      save={(form, full) =>
        full
          ? call(api.updateArea, { params: { id: full.id }, body: { version: full.version, form: clean(form) } })
          : call(api.createArea, { body: clean(form) })
      }
      fields={() => (
        <Fields>
          <AreaField name="parentId" label={t('files.parent')} />
          <WordField name="level" label={t('files.level')} list={areaLevels} words="level" />
          <TextField name="name" label={t('files.name')} required max={60} />
          <TextField name="nameEn" label={t('files.nameEn')} required max={80} />
          <NumberField name="lat" label={t('files.lat')} min={-90} max={90} step={0.0001} />
          <NumberField name="lon" label={t('files.lon')} min={-180} max={180} step={0.0001} />
          <TextField name="onCallPhone" label={t('files.onCallPhone')} max={30} />
        </Fields>
      )}
    />
  )
}
