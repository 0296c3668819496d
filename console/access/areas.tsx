import { useTranslation } from 'react-i18next'
import type { z } from 'zod'
import { type AreaView, accessRoutes as api, type areaForm } from '../../server/contracts/access.ts'
import { areaLevels } from '../../server/contracts/vocabulary.ts'
import { call } from '../lib/api.ts'
import { named } from '../lib/i18n.ts'
import { phoneText } from '../lib/phone-text.ts'
import { may, useAreas, useSignedIn } from '../lib/session.ts'
import { AreaField, Fields, PlaceFields, TextField, WordField } from '../ui/fields.tsx'
import { FilePage } from '../ui/file-page.tsx'

type Values = z.input<typeof areaForm>

export function AreasPage() {
  const { t, i18n } = useTranslation()
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
        lat: undefined as never,
        lon: undefined as never,
        onCallPhone: null,
      }
    const { parentId, level, name, nameEn, lat, lon, onCallPhone } = full
    return { parentId, level, name, nameEn, lat, lon, onCallPhone: onCallPhone && phoneText(onCallPhone) }
  }
  const clean = (form: Values): Values => ({ ...form, onCallPhone: form.onCallPhone || null })
  return (
    <FilePage<AreaView, AreaView, Values>
      name="area-files"
      title={t('shell.place.areas')}
      mayWrite={may(me, 'administer')}
      nameOf={(full) => named(full, i18n.language)}
      newTitle={t('files.newOf.area')}
      rowId={(row) => row.id}
      columns={[
        { title: t('files.name'), dataIndex: 'name' },
        { title: t('files.nameEn'), dataIndex: 'nameEn' },
        { title: t('files.level'), render: (_, row) => t(`words.level.${row.level}`) },
        { title: t('files.parent'), render: (_, row) => (row.parentId ? nameOf(row.parentId) : '') },
        {
          title: t('files.onCallPhone'),
          render: (_, row) => <span className="num">{phoneText(row.onCallPhone ?? '')}</span>,
        },
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
      fields={({ form }) => (
        <Fields>
          <AreaField name="parentId" label={t('files.parent')} />
          <WordField name="level" label={t('files.level')} list={areaLevels} words="level" />
          <TextField name="name" label={t('files.name')} required max={60} />
          <TextField name="nameEn" label={t('files.nameEn')} required max={80} />
          <PlaceFields form={form} areaName="parentId" />
          <TextField name="onCallPhone" label={t('files.onCallPhone')} max={30} />
        </Fields>
      )}
    />
  )
}
