import { Button, Form, Input, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { RemoveRow } from './remove-row.tsx'

const days = [1, 2, 3, 4, 5, 6, 7] as const
const timesMax = 21
const datesMax = 60
const usual = { from: '08:00', to: '20:00' }

const addWorkdays = (add: (row: object) => void): void => {
  for (const day of days.slice(0, 5)) add({ day, ...usual })
}

/** A field of a row whose name stands in its column's words, for who does not see them. */
function Time({ name, label }: { name: (string | number)[]; label: string }) {
  const { t } = useTranslation()
  return (
    <Form.Item name={name} rules={[{ required: true, message: t('files.required') }]} style={{ marginBottom: 0 }}>
      <Input type="time" aria-label={label} style={{ width: 120 }} />
    </Form.Item>
  )
}

/** When a number is open: by weekday, and single dates that take the day's place. Nothing at all: always. */
export function HoursFields() {
  const { t, i18n } = useTranslation()
  const dayName = (day: number) =>
    new Intl.DateTimeFormat(i18n.language, { weekday: 'long', timeZone: 'UTC' }).format(Date.UTC(2024, 0, day))
  return (
    <section aria-label={t('hours.title')} className="stack">
      <h3 className="section-title">{t('hours.title')}</h3>
      <p className="muted">{t('hours.what')}</p>
      <Form.List name={['hours', 'week']}>
        {(fields, list) => (
          <>
            {fields.map((field, n) => (
              <div className="row" key={field.key}>
                <Form.Item name={[field.name, 'day']} noStyle>
                  <Select
                    aria-label={t('hours.day')}
                    style={{ width: 140 }}
                    options={days.map((value) => ({ value, label: dayName(value) }))}
                  />
                </Form.Item>
                <Time name={[field.name, 'from']} label={t('hours.from')} />–
                <Time name={[field.name, 'to']} label={t('hours.to')} />
                <RemoveRow n={n + 1} remove={() => list.remove(field.name)} />
              </div>
            ))}
            <div className="row">
              <Button
                disabled={fields.length >= timesMax}
                onClick={() => list.add({ day: days[fields.length % days.length], ...usual })}
              >
                {t('hours.addDay')}
              </Button>
              {fields.length === 0 && <Button onClick={() => addWorkdays(list.add)}>{t('hours.addWorkdays')}</Button>}
            </div>
          </>
        )}
      </Form.List>
      <Form.List name={['hours', 'dates']}>
        {(fields, list) => (
          <>
            {fields.map((field, n) => (
              <div className="row" key={field.key}>
                <Form.Item
                  name={[field.name, 'date']}
                  rules={[{ required: true, message: t('files.required') }]}
                  style={{ marginBottom: 0 }}
                >
                  <Input type="date" aria-label={t('hours.date')} style={{ width: 160 }} />
                </Form.Item>
                <OpenOn name={field.name} />
                <RemoveRow n={n + 1} remove={() => list.remove(field.name)} />
              </div>
            ))}
            <Button
              style={{ alignSelf: 'flex-start' }}
              disabled={fields.length >= datesMax}
              onClick={() => list.add({ date: '', open: null })}
            >
              {t('hours.addDate')}
            </Button>
          </>
        )}
      </Form.List>
    </section>
  )
}

/** Closed on that date, or open at other times. */
function OpenOn({ name }: { name: number }) {
  const { t } = useTranslation()
  const form = Form.useFormInstance()
  const path = ['hours', 'dates', name, 'open']
  const open: unknown = Form.useWatch(path, form)
  return (
    <>
      <Select
        aria-label={t('hours.onDate')}
        style={{ width: 140 }}
        value={open ? 'open' : 'closed'}
        onChange={(value) => form.setFieldValue(path, value === 'open' ? usual : null)}
        options={(['closed', 'open'] as const).map((value) => ({ value, label: t(`hours.${value}`) }))}
      />
      <Form.Item name={[name, 'open']} hidden>
        <Input />
      </Form.Item>
      {open ? (
        <>
          <Time name={[name, 'open', 'from']} label={t('hours.from')} />–
          <Time name={[name, 'open', 'to']} label={t('hours.to')} />
        </>
      ) : null}
    </>
  )
}
