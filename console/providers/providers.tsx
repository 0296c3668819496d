import { useQuery } from '@tanstack/react-query'
import { Form, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { catalogueRoutes } from '../../server/contracts/catalogue.ts'
import { providerRoutes as api, type ProviderForm, type ProviderView } from '../../server/contracts/providers.ts'
import { providerKinds } from '../../server/contracts/vocabulary.ts'
import { today } from '../lib/age.ts'
import { call } from '../lib/api.ts'
import { named } from '../lib/i18n.ts'
import { useKnown } from '../lib/known.ts'
import { phoneText } from '../lib/phone-text.ts'
import { may, useAreas, useSignedIn } from '../lib/session.ts'
import { AreaField, DayField, Fields, FlagField, TextField, WordField } from '../ui/fields.tsx'
import { FilePage } from '../ui/file-page.tsx'

function valuesOf(full: ProviderView | undefined): ProviderForm {
  if (!full)
    return {
      areaId: undefined as never,
      name: '',
      kind: 'care',
      phone: '',
      licence: '',
      licenceUntil: null,
      services: [],
      hours: '',
      active: true,
    }
  const { id: _, rating: __, responders: ___, version: ____, ...form } = full
  return { ...form, phone: phoneText(form.phone) }
}
const clean = (form: ProviderForm): ProviderForm => ({ ...form, licenceUntil: form.licenceUntil || null })

export function ProvidersPage() {
  const { t, i18n } = useTranslation()
  const known = useKnown()
  const me = useSignedIn()
  const { lineOf } = useAreas()
  const { data } = useQuery({
    queryKey: ['catalogue'],
    queryFn: () => call(catalogueRoutes.catalogue),
    staleTime: 300_000,
  })
  const services = (data?.items ?? []).map((item) => ({ value: item.code, label: named(item, i18n.language) }))
  const day = today()
  return (
    <FilePage<ProviderView, ProviderView, ProviderForm>
      name="providers"
      title={t('shell.place.providers')}
      mayWrite={may(me, 'write-providers')}
      nameOf={(full) => full.name}
      newTitle={t('files.newOf.provider')}
      rowId={(row) => row.id}
      columns={[
        { title: t('files.name'), dataIndex: 'name' },
        { title: t('files.kind'), render: (_, row) => t(`words.provider.${row.kind}`) },
        { title: t('files.area'), render: (_, row) => lineOf(row.areaId) },
        {
          title: t('files.phone'),
          render: (_, row) => <span className="num">{phoneText(row.phone ?? '')}</span>,
        },
        { title: t('files.hours'), render: (_, row) => known(row.hours) },
        {
          title: t('files.licenceUntil'),
          render: (_, row) => (
            <span className={`num ${row.licenceUntil && row.licenceUntil < day ? 'chip red' : ''}`}>
              {row.licenceUntil}
            </span>
          ),
        },
        { title: t('files.rating'), dataIndex: 'rating' },
        { title: t('shell.place.responders'), dataIndex: 'responders' },
      ]}
      list={({ q, cursor }) => call(api.providers, { query: { q, cursor, limit: 20 } })}
      load={(id) => call(api.provider, { params: { id } })}
      values={valuesOf}
      save={(form, full) =>
        full
          ? call(api.updateProvider, { params: { id: full.id }, body: { version: full.version, form: clean(form) } })
          : call(api.createProvider, { body: clean(form) })
      }
      fields={() => (
        <Fields>
          <TextField name="name" label={t('files.name')} required max={80} />
          <WordField name="kind" label={t('files.kind')} list={providerKinds} words="provider" />
          <AreaField name="areaId" label={t('files.area')} required />
          <TextField name="phone" label={t('files.phone')} required max={30} />
          <TextField name="licence" label={t('files.licence')} max={60} />
          <DayField name="licenceUntil" label={t('files.licenceUntil')} />
          <TextField name="hours" label={t('files.hours')} max={60} />
          <FlagField name="active" label={t('files.active')} />
          <Form.Item name="services" label={t('files.services')} style={{ gridColumn: '1 / -1' }}>
            <Select mode="multiple" options={services} optionFilterProp="label" />
          </Form.Item>
        </Fields>
      )}
    />
  )
}
