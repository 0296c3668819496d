import { Button, Form } from 'antd'
import { useTranslation } from 'react-i18next'
import { type AccountForm, type AccountView, accessRoutes as api } from '../../server/contracts/access.ts'
import { languages, locales, operatorSkills, roles } from '../../server/contracts/vocabulary.ts'
import { call } from '../lib/api.ts'
import { phoneText } from '../lib/phone-text.ts'
import { may, useAreas, useSignedIn } from '../lib/session.ts'
import { AreaField, Fields, FlagField, NumberField, TextField, WordField } from '../ui/fields.tsx'
import { FilePage } from '../ui/file-page.tsx'
import { AccountExtra } from './account-extra.tsx'

function valuesOf(full: AccountView | undefined): AccountForm {
  if (!full)
    return {
      username: '',
      name: '',
      phone: null,
      locale: 'zh-CN',
      languages: ['zh'],
      skills: ['general'],
      capacity: 3,
      active: true,
      roles: [{ role: 'operator', areaId: undefined as never }],
    }
  const { id: _, version: __, asked: ___, ...form } = full
  return { ...form, phone: form.phone && phoneText(form.phone) }
}
const clean = (form: AccountForm): AccountForm => ({
  ...form,
  phone: form.phone || null,
})

export function AccountsPage() {
  const { t } = useTranslation()
  const me = useSignedIn()
  const { nameOf } = useAreas()
  return (
    <FilePage<AccountView, AccountView, AccountForm>
      name="accounts"
      title={t('shell.place.accounts')}
      mayWrite={may(me, 'administer')}
      nameOf={(full) => full.name}
      newTitle={t('files.newOf.account')}
      rowId={(row) => row.id}
      columns={[
        { title: t('shell.username'), dataIndex: 'username' },
        { title: t('files.personName'), dataIndex: 'name' },
        {
          title: t('files.roles'),
          render: (_, row) =>
            row.roles.map((held) => `${t(`words.role.${held.role}`)} · ${nameOf(held.areaId)}`).join('；'),
        },
        {
          title: t('files.languages'),
          render: (_, row) => row.languages.map((language) => t(`words.language.${language}`)).join('、'),
        },
        { title: t('files.active'), render: (_, row) => t(row.active ? 'ui.yes' : 'ui.no') },
      ]}
      list={({ q, cursor }) => call(api.accounts, { query: { q, cursor, limit: 30 } })}
      load={async (id) => {
        const { items } = await call(api.accounts, { query: { limit: 200 } })
        return items.find((one) => one.id === id) as AccountView
      }}
      values={valuesOf}
      save={(form, full) =>
        full
          ? call(api.updateAccount, { params: { id: full.id }, body: { version: full.version, form: clean(form) } })
          : call(api.createAccount, { body: clean(form) })
      }
      extra={(full) => <AccountExtra account={full} />}
      fields={() => (
        <>
          <Fields>
            <TextField name="username" label={t('shell.username')} required max={40} />
            <TextField name="name" label={t('files.personName')} required max={60} />
            <TextField name="phone" label={t('files.phone')} max={30} />
            <WordField name="locale" label={t('files.locale')} list={locales} words="locale" />
            <WordField name="languages" label={t('files.languages')} list={languages} words="language" many required />
            <WordField name="skills" label={t('files.skills')} list={operatorSkills} words="operatorSkill" many />
            <NumberField name="capacity" label={t('files.capacity')} min={1} max={10} />
            <FlagField name="active" label={t('files.active')} />
          </Fields>
          <Form.List name="roles">
            {(fields, { add, remove }) => (
              <section>
                <h3 className="section-title">{t('files.roles')}</h3>
                {fields.map((field) => (
                  <div key={field.key} className="card" style={{ marginBottom: 8 }}>
                    <Fields>
                      <WordField
                        name={[field.name, 'role']}
                        label={t('files.role')}
                        list={roles}
                        words="role"
                        required
                      />
                      <AreaField name={[field.name, 'areaId']} label={t('files.area')} required />
                    </Fields>
                    <Button size="small" danger disabled={fields.length === 1} onClick={() => remove(field.name)}>
                      {t('files.remove')}
                    </Button>
                  </div>
                ))}
                <Button onClick={() => add({ role: 'operator' })}>{t('files.addRole')}</Button>
              </section>
            )}
          </Form.List>
        </>
      )}
    />
  )
}
