import { Button, Form, type FormInstance, Input, InputNumber, Select, Switch, TreeSelect } from 'antd'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { AreaView } from '../../server/contracts/access.ts'
import { useAreas } from '../lib/session.ts'

type Named = { name: string | (string | number)[]; label: string; required?: boolean; wide?: boolean }

function Item({ name, label, required, wide, children, checked }: Named & { children: ReactNode; checked?: boolean }) {
  const { t } = useTranslation()
  return (
    <Form.Item
      name={name}
      label={label}
      valuePropName={checked ? 'checked' : 'value'}
      rules={required ? [{ required: true, message: t('files.required') }] : []}
      style={{ gridColumn: wide ? '1 / -1' : undefined, marginBottom: 12 }}
    >
      {children}
    </Form.Item>
  )
}

/** Two columns that become one on a narrow screen. */
export function Fields({ children }: { children: ReactNode }) {
  return (
    <div style={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(240px, 1fr))', columnGap: 16 }}>
      {children}
    </div>
  )
}

export const TextField = (props: Named & { rows?: number; max?: number; password?: boolean }) => (
  <Item {...props}>
    {props.rows ? (
      <Input.TextArea rows={props.rows} maxLength={props.max} autoComplete="off" />
    ) : props.password ? (
      <Input.Password autoComplete="new-password" />
    ) : (
      <Input maxLength={props.max} autoComplete="off" />
    )}
  </Item>
)
export const NumberField = (props: Named & { min?: number; max?: number; step?: number }) => (
  <Item {...props}>
    <InputNumber style={{ width: '100%' }} min={props.min} max={props.max} step={props.step} />
  </Item>
)
/** An amount, kept in fen and shown in yuan. */
export const YuanField = ({ name, label }: Named) => (
  <Form.Item
    name={name}
    label={label}
    style={{ marginBottom: 12 }}
    getValueProps={(fen: unknown) => ({ value: typeof fen === 'number' ? fen / 100 : undefined })}
    normalize={(yuan: unknown) => (typeof yuan === 'number' ? Math.round(yuan * 100) : 0)}
  >
    <InputNumber style={{ width: '100%' }} min={0} step={1} precision={2} prefix="¥" />
  </Form.Item>
)
export const DayField = (props: Named) => (
  <Item {...props}>
    <Input type="date" />
  </Item>
)
export const FlagField = (props: Named) => (
  <Item {...props} checked>
    <Switch aria-label={props.label} />
  </Item>
)

/** One or several of a word list, shown in the person's language. */
export function WordField({
  list,
  words,
  many,
  clear,
  ...named
}: Named & { list: readonly (string | number)[]; words: string; many?: boolean; clear?: boolean }) {
  const { t } = useTranslation()
  return (
    <Item {...named}>
      <Select
        mode={many ? 'multiple' : undefined}
        allowClear={clear}
        options={list.map((value) => ({ value, label: t(`words.${words}.${value}`) }))}
        optionFilterProp="label"
      />
    </Item>
  )
}

type Node = { value: string; title: string; children: Node[] }

export function AreaField(props: Named & { level?: AreaView['level'] }) {
  const { areas, nameOf } = useAreas()
  const below = (parentId: string | null): Node[] =>
    areas
      .filter((area) => area.parentId === parentId)
      .map((area) => ({
        value: area.id,
        title: nameOf(area.id),
        selectable: !props.level || area.level === props.level,
        children: below(area.id),
      }))
  return (
    <Item {...props}>
      <TreeSelect treeData={below(null)} treeDefaultExpandAll showSearch treeNodeFilterProp="title" />
    </Item>
  )
}

/** Where it is: nobody is found on the map by a guess, so it starts empty; the middle of the community is one click. */
export function PlaceFields({ form, areaName = 'areaId' }: { form: FormInstance; areaName?: string }) {
  const { t } = useTranslation()
  const { areas, nameOf } = useAreas()
  const areaId: unknown = Form.useWatch(areaName, form)
  const area = areas.find((one) => one.id === areaId)
  return (
    <>
      <NumberField name="lat" label={t('files.lat')} min={-90} max={90} step={0.0001} required />
      <NumberField name="lon" label={t('files.lon')} min={-180} max={180} step={0.0001} required />
      <Form.Item style={{ gridColumn: '1 / -1', marginBottom: 12 }}>
        <Button
          disabled={!area}
          onClick={() => area && form.setFieldsValue({ lat: area.lat, lon: area.lon })}
          title={area ? undefined : t('files.areaFirst')}
        >
          {area ? t('files.placeOf', { area: nameOf(area.id) }) : t('files.placeOfArea')}
        </Button>
      </Form.Item>
    </>
  )
}
