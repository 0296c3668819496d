import { useTranslation } from 'react-i18next'
import {
  residentRoutes as api,
  type ResidentForm,
  type ResidentRow,
  type ResidentView,
} from '../../server/contracts/residents.ts'
import { hearings, languages, mobilities, risks, sexes, speeches } from '../../server/contracts/vocabulary.ts'
import { call } from '../lib/api.ts'
import { phoneText } from '../lib/phone-text.ts'
import { may, useAreas, useSignedIn } from '../lib/session.ts'
import { DayField, Fields, FlagField, TextField, WordField } from '../ui/fields.tsx'
import { FilePage } from '../ui/file-page.tsx'
import { ContactFields } from './contact-fields.tsx'
import { DevicesOf } from './devices-of.tsx'
import { HouseholdField } from './household-field.tsx'

const empty: ResidentForm = {
  householdId: '',
  name: '',
  nameToUse: '',
  sex: 'unknown',
  birthDate: null,
  phone: null,
  languages: ['zh'],
  hearing: 'ordinary',
  speech: 'ordinary',
  mobility: 'ordinary',
  risks: [],
  standingInstruction: '',
  healthNotes: '',
  lineClass: 2,
  familyConsent: false,
  reviewDue: null,
  active: true,
  contacts: [],
}

function valuesOf(full: ResidentView | undefined): ResidentForm {
  if (!full) return { ...empty, householdId: undefined as never }
  const { id: _, areaId: __, household: ___, devices: ____, version: _____, contacts, ...form } = full
  return {
    ...form,
    phone: form.phone && phoneText(form.phone),
    contacts: contacts.map(({ name, relation, phone, keyholder, hours, minutesAway }) => ({
      name,
      relation,
      phone: phoneText(phone),
      keyholder,
      hours,
      minutesAway,
    })),
  }
}

export function ResidentsPage() {
  const { t } = useTranslation()
  const me = useSignedIn()
  const { lineOf } = useAreas()
  return (
    <FilePage<ResidentRow, ResidentView, ResidentForm>
      name="residents"
      title={t('shell.place.residents')}
      searchHint={t('files.residentSearch')}
      extra={(full) => <DevicesOf resident={full} />}
      mayWrite={may(me, 'write-file')}
      nameOf={(full) => full.name}
      newTitle={t('files.newOf.resident')}
      rowId={(row) => row.id}
      columns={[
        { title: t('files.personName'), dataIndex: 'name' },
        { title: t('files.birthDate'), dataIndex: 'birthDate' },
        { title: t('files.area'), render: (_, row) => lineOf(row.areaId) },
        { title: t('files.address'), dataIndex: 'address' },
        {
          title: t('files.phone'),
          render: (_, row) => <span className="num">{phoneText(row.phone ?? '')}</span>,
        },
        { title: t('files.risks'), render: (_, row) => row.risks.map((risk) => t(`words.risk.${risk}`)).join('、') },
        { title: t('files.devices'), dataIndex: 'devices' },
        { title: t('files.reviewDue'), dataIndex: 'reviewDue' },
      ]}
      list={({ q, cursor }) => call(api.residents, { query: { q, cursor, limit: 20 } })}
      load={(id) => call(api.resident, { params: { id } })}
      values={valuesOf}
      save={(form, full) =>
        full
          ? call(api.updateResident, { params: { id: full.id }, body: { version: full.version, form: clean(form) } })
          : call(api.createResident, { body: clean(form) })
      }
      fields={({ full }) => (
        <>
          <HouseholdField name="householdId" label={t('files.household')} shown={full?.household} />
          <Fields>
            <TextField name="name" label={t('files.personName')} required max={60} />
            <TextField name="nameToUse" label={t('files.nameToUse')} max={60} />
            <WordField name="sex" label={t('files.sex')} list={sexes} words="sex" />
            <DayField name="birthDate" label={t('files.birthDate')} />
            <TextField name="phone" label={t('files.phone')} max={30} />
            <WordField name="languages" label={t('files.languages')} list={languages} words="language" many required />
            <WordField name="hearing" label={t('files.hearing')} list={hearings} words="hearing" />
            <WordField name="speech" label={t('files.speech')} list={speeches} words="speech" />
            <WordField name="mobility" label={t('files.mobility')} list={mobilities} words="mobility" />
            <WordField name="lineClass" label={t('files.lineClass')} list={[1, 2, 3]} words="class" />
            <WordField name="risks" label={t('files.risks')} list={risks} words="risk" many wide />
            <TextField name="standingInstruction" label={t('files.instruction')} rows={2} max={500} wide />
            <TextField name="healthNotes" label={t('files.healthNotes')} rows={2} max={2000} wide />
            <DayField name="reviewDue" label={t('files.reviewDue')} />
            <FlagField name="familyConsent" label={t('files.familyConsent')} />
            <FlagField name="active" label={t('files.active')} />
          </Fields>
          <ContactFields />
        </>
      )}
    />
  )
}

/** An emptied day or number is "none", not an empty text. */
const clean = (form: ResidentForm): ResidentForm => ({
  ...form,
  birthDate: form.birthDate || null,
  reviewDue: form.reviewDue || null,
  phone: form.phone || null,
  contacts: form.contacts.map((contact) => ({
    ...contact,
    keyholder: contact.keyholder ?? false,
    hours: contact.hours ?? '',
    minutesAway: contact.minutesAway ?? null,
  })),
})
