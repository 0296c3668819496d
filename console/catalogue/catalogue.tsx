import { useTranslation } from 'react-i18next'
import { catalogueRoutes as api, type CatalogueForm, type CatalogueView } from '../../server/contracts/catalogue.ts'
import { alarmTypes, catalogueClasses, skills } from '../../server/contracts/vocabulary.ts'
import { call } from '../lib/api.ts'
import { named } from '../lib/i18n.ts'
import { may, useSignedIn } from '../lib/session.ts'
import { Fields, FlagField, NumberField, TextField, WordField, YuanField } from '../ui/fields.tsx'
import { FilePage } from '../ui/file-page.tsx'
import { ClassBadge } from '../ui/marks.tsx'
import { QuestionFields } from './question-fields.tsx'

type Full = CatalogueView & { id: string }

const withId = (item: CatalogueView): Full => ({ ...item, id: item.code })
/** A choice that was taken back is none; the form leaves null behind. */
const clean = (form: CatalogueForm): CatalogueForm => ({
  ...form,
  questions: (form.questions ?? []).map((question) => ({
    ...question,
    answers: question.answers.map(({ priority, advise, ...answer }) => ({
      ...answer,
      ...(priority && { priority }),
      ...(advise && { advise }),
    })),
  })),
})

export function CataloguePage() {
  const { t, i18n } = useTranslation()
  const me = useSignedIn()
  const all = async () => (await call(api.catalogue)).items.map(withId)
  const values = (full: Full | undefined): CatalogueForm => {
    if (!full)
      return {
        code: '',
        name: '',
        nameEn: '',
        class: 'convenience',
        priority: 3,
        skill: 'home-help',
        targetMinutes: 60,
        priceFen: 0,
        subsidyFen: 0,
        questions: [],
        firedBy: [],
        active: true,
        position: 100,
      }
    const { id: _, version: __, ...form } = full
    return form
  }
  return (
    <FilePage<Full, Full, CatalogueForm>
      name="catalogue-items"
      title={t('shell.place.catalogue')}
      mayWrite={may(me, 'administer')}
      nameOf={(full) => named(full, i18n.language)}
      newTitle={t('files.newOf.service')}
      rowId={(row) => row.code}
      columns={[
        { title: t('files.name'), render: (_, row) => named(row, i18n.language) },
        { title: t('files.code'), dataIndex: 'code' },
        { title: t('files.catalogueClass'), render: (_, row) => t(`words.catalogueClass.${row.class}`) },
        { title: t('files.priority'), render: (_, row) => <ClassBadge value={row.priority} /> },
        { title: t('files.skill'), render: (_, row) => t(`words.skill.${row.skill}`) },
        { title: t('files.targetMinutes'), dataIndex: 'targetMinutes' },
        {
          title: t('files.price'),
          render: (_, row) =>
            new Intl.NumberFormat(i18n.language, { style: 'currency', currency: 'CNY' }).format(row.priceFen / 100),
        },
        { title: t('files.questions'), render: (_, row) => row.questions.length },
      ]}
      list={async ({ q }) => ({
        items: (await all()).filter((item) =>
          `${item.name} ${item.nameEn} ${item.code}`.toLowerCase().includes(q.toLowerCase()),
        ),
        next: null,
      })}
      load={async (id) => (await all()).find((item) => item.code === id) as Full}
      values={values}
      save={async (given, full) =>
        withId(
          full
            ? await call(api.updateCatalogueItem, {
                params: { code: full.code },
                body: { version: full.version, form: clean(given) },
              })
            : await call(api.createCatalogueItem, { body: clean(given) }),
        )
      }
      fields={() => (
        <>
          <Fields>
            <TextField name="code" label={t('files.code')} required max={40} />
            <TextField name="name" label={t('files.name')} required max={60} />
            <TextField name="nameEn" label={t('files.nameEn')} required max={80} />
            <WordField name="class" label={t('files.catalogueClass')} list={catalogueClasses} words="catalogueClass" />
            <WordField name="priority" label={t('files.priority')} list={[1, 2, 3, 4, 5]} words="class" />
            <WordField name="skill" label={t('files.skill')} list={skills} words="skill" />
            <NumberField name="targetMinutes" label={t('files.targetMinutes')} min={1} max={10_080} />
            <YuanField name="priceFen" label={t('files.price')} />
            <YuanField name="subsidyFen" label={t('files.subsidy')} />
            <WordField name="firedBy" label={t('files.firedBy')} list={alarmTypes} words="kind" many />
            <NumberField name="position" label={t('files.position')} />
            <FlagField name="active" label={t('files.active')} />
          </Fields>
          <QuestionFields />
        </>
      )}
    />
  )
}
