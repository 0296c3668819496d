import { useQuery } from '@tanstack/react-query'
import { Button, Form, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { catalogueRoutes } from '../../server/contracts/catalogue.ts'
import { menuKeys } from '../../server/contracts/hotlines.ts'
import { call } from '../lib/api.ts'
import { named } from '../lib/i18n.ts'
import { RemoveRow } from './remove-row.tsx'

const required = (message: string) => [{ required: true, message }]

/** What callers can choose by a key while they wait: three at most, and only once the words for it are recorded. */
export function MenuFields() {
  const { t, i18n } = useTranslation()
  const { data } = useQuery({
    queryKey: ['catalogue'],
    queryFn: () => call(catalogueRoutes.catalogue),
    staleTime: 300_000,
  })
  const services = (data?.items ?? []).map((item) => ({ value: item.code, label: named(item, i18n.language) }))
  return (
    <section aria-label={t('hours.menu')} className="stack">
      <h3 className="section-title">{t('hours.menu')}</h3>
      <p className="muted">{t('hours.menuWhat')}</p>
      <Form.List name="menu">
        {(fields, list) => (
          <>
            {fields.map((field, n) => (
              <div className="row" key={field.key}>
                <Form.Item name={[field.name, 'key']} rules={required(t('files.required'))} noStyle>
                  <Select
                    aria-label={t('hours.menuKey')}
                    style={{ width: 80 }}
                    options={menuKeys.map((value) => ({ value, label: value }))}
                  />
                </Form.Item>
                <Form.Item name={[field.name, 'catalogueCode']} rules={required(t('files.required'))} noStyle>
                  <Select
                    aria-label={t('hours.menuService')}
                    style={{ width: 260 }}
                    options={services}
                    showSearch
                    optionFilterProp="label"
                  />
                </Form.Item>
                <RemoveRow n={n + 1} remove={() => list.remove(field.name)} />
              </div>
            ))}
            <Button
              style={{ alignSelf: 'flex-start' }}
              disabled={fields.length >= menuKeys.length}
              onClick={() => list.add({ key: menuKeys[fields.length] })}
            >
              {t('hours.addChoice')}
            </Button>
          </>
        )}
      </Form.List>
    </section>
  )
}
