import { useTranslation } from 'react-i18next'
import { providerRoutes as api, type ResponderForm, type ResponderView } from '../../server/contracts/providers.ts'
import { languages, responderKinds, skills, toldBys, travels } from '../../server/contracts/vocabulary.ts'
import { call } from '../lib/api.ts'
import { phoneText } from '../lib/phone-text.ts'
import { may, useAreas, useSignedIn } from '../lib/session.ts'
import { AreaField, Fields, FlagField, NumberField, PlaceFields, TextField, WordField } from '../ui/fields.tsx'
import { FilePage } from '../ui/file-page.tsx'
import { When } from '../ui/marks.tsx'
import { ProviderField } from './provider-field.tsx'

export function RespondersPage() {
  const { t } = useTranslation()
  const me = useSignedIn()
  const { lineOf } = useAreas()
  const valuesOf = (full: ResponderView | undefined): ResponderForm => {
    if (!full)
      return {
        providerId: null,
        areaId: undefined as never,
        name: '',
        kind: 'staff',
        phone: '',
        languages: ['zh'],
        skills: ['care'],
        travel: 'foot',
        toldBy: 'sms',
        onDuty: false,
        lat: undefined as never,
        lon: undefined as never,
        maxOpen: 1,
        active: true,
      }
    const { id: _, providerName: __, positionAt: ___, openAssignments: ____, version: _____, ...form } = full
    return { ...form, phone: phoneText(form.phone) }
  }
  return (
    <FilePage<ResponderView, ResponderView, ResponderForm>
      name="responders"
      title={t('shell.place.responders')}
      mayWrite={may(me, 'write-providers')}
      nameOf={(full) => full.name}
      newTitle={t('files.newOf.responder')}
      rowId={(row) => row.id}
      columns={[
        { title: t('files.personName'), dataIndex: 'name' },
        { title: t('files.kind'), render: (_, row) => t(`words.responder.${row.kind}`) },
        { title: t('files.provider'), dataIndex: 'providerName' },
        { title: t('files.area'), render: (_, row) => lineOf(row.areaId) },
        {
          title: t('files.skills'),
          render: (_, row) => row.skills.map((skill) => t(`words.skill.${skill}`)).join('、'),
        },
        {
          title: t('files.onDuty'),
          render: (_, row) => (
            <span className={`chip ${row.onDuty ? 'green' : ''}`}>{t(row.onDuty ? 'ui.yes' : 'ui.no')}</span>
          ),
        },
        { title: t('files.openAssignments'), dataIndex: 'openAssignments' },
        { title: t('files.positionAt'), render: (_, row) => <When at={row.positionAt} /> },
      ]}
      list={({ q, cursor }) => call(api.responders, { query: { q, cursor, limit: 20 } })}
      load={(id) => call(api.responder, { params: { id } })}
      values={valuesOf}
      save={(form, full) =>
        full
          ? call(api.updateResponder, {
              params: { id: full.id },
              body: { version: full.version, form: { ...form, providerId: form.providerId ?? null } },
            })
          : call(api.createResponder, { body: { ...form, providerId: form.providerId ?? null } })
      }
      fields={({ full, form }) => (
        <Fields>
          <TextField name="name" label={t('files.personName')} required max={60} />
          <WordField name="kind" label={t('files.kind')} list={responderKinds} words="responder" />
          <ProviderField
            name="providerId"
            label={t('files.provider')}
            shown={full?.providerId ? { id: full.providerId, name: full.providerName ?? '' } : undefined}
          />
          <AreaField name="areaId" label={t('files.area')} required />
          <TextField name="phone" label={t('files.phone')} required max={30} />
          <WordField name="languages" label={t('files.languages')} list={languages} words="language" many required />
          <WordField name="skills" label={t('files.skills')} list={skills} words="skill" many required />
          <WordField name="travel" label={t('files.travel')} list={travels} words="travel" />
          <WordField name="toldBy" label={t('files.toldBy')} list={toldBys} words="toldBy" />
          <NumberField name="maxOpen" label={t('files.maxOpen')} min={1} max={5} />
          <PlaceFields form={form} />
          <FlagField name="onDuty" label={t('files.onDuty')} />
          <FlagField name="active" label={t('files.active')} />
        </Fields>
      )}
    />
  )
}
