import { Button, Form } from 'antd'
import { useTranslation } from 'react-i18next'
import { Fields, FlagField, NumberField, TextField } from '../ui/fields.tsx'

/** The contacts, in the order in which they are called. */
export function ContactFields() {
  const { t } = useTranslation()
  return (
    <Form.List name="contacts">
      {(fields, { add, remove, move }) => (
        <section>
          <h3 className="section-title">{t('files.contacts')}</h3>
          {fields.map((field, i) => (
            <div className="card" key={field.key} style={{ marginBottom: 8 }}>
              <Fields>
                <TextField name={[field.name, 'name']} label={t('files.personName')} required max={60} />
                <TextField name={[field.name, 'relation']} label={t('files.relation')} required max={40} />
                <TextField name={[field.name, 'phone']} label={t('files.phone')} required max={30} />
                <TextField name={[field.name, 'hours']} label={t('files.hours')} max={60} />
                <NumberField name={[field.name, 'minutesAway']} label={t('files.minutesAway')} min={0} max={1440} />
                <FlagField name={[field.name, 'keyholder']} label={t('incident.keyholder')} />
              </Fields>
              <div className="row">
                <Button size="small" disabled={i === 0} onClick={() => move(i, i - 1)}>
                  {t('files.earlier')}
                </Button>
                <Button size="small" danger onClick={() => remove(field.name)}>
                  {t('files.remove')}
                </Button>
              </div>
            </div>
          ))}
          <Button onClick={() => add({ keyholder: false, hours: '', minutesAway: null })}>
            {t('files.addContact')}
          </Button>
        </section>
      )}
    </Form.List>
  )
}
