import { Form, Input, InputNumber } from 'antd'
import { useTranslation } from 'react-i18next'
import { deviceRoutes as api, type DeviceTypeForm, type DeviceTypeView } from '../../server/contracts/devices.ts'
import { deviceKinds, protocols } from '../../server/contracts/vocabulary.ts'
import { call } from '../lib/api.ts'
import { named } from '../lib/i18n.ts'
import { may, useSignedIn } from '../lib/session.ts'
import { Fields, NumberField, TextField, WordField } from '../ui/fields.tsx'
import { FilePage } from '../ui/file-page.tsx'
import { quirksText, readQuirks } from './quirks.ts'

type Full = DeviceTypeView & { id: string }
type Values = Omit<DeviceTypeForm, 'quirks'> & { quirks: string }

const withId = (type: DeviceTypeView): Full => ({ ...type, id: type.code })
const all = async () => (await call(api.deviceTypes)).items.map(withId)

function valuesOf(full: Full | undefined): Values {
  if (!full)
    return {
      ...{ code: '', name: '', nameEn: '', kind: 'pendant', protocol: 'http' },
      ...{ heartbeatS: null, lateS: null, lostS: null, batteryLow: 0.2, batteryRestored: 0.3, quirks: '' },
    }
  const { id: _, version: __, ...form } = full
  return { ...form, quirks: quirksText(full.quirks) }
}

const clean = (given: Values): DeviceTypeForm => ({
  ...given,
  heartbeatS: given.heartbeatS ?? null,
  lateS: given.lateS ?? null,
  lostS: given.lostS ?? null,
  quirks: readQuirks(given.quirks) ?? {},
})

/** What each type of device promises; periods of one type hold for all of its devices, so the district changes them. */
export function DeviceTypesPage() {
  const { t, i18n } = useTranslation()
  const me = useSignedIn()
  const period = (seconds: number | null) => (seconds === null ? t('deviceTypes.never') : periodText(seconds))
  return (
    <FilePage<Full, Full, Values>
      name="device-types"
      title={t('shell.place.deviceTypes')}
      mayWrite={may(me, 'administer')}
      nameOf={(full) => named(full, i18n.language)}
      newTitle={t('deviceTypes.new')}
      rowId={(row) => row.code}
      columns={[
        { title: t('files.name'), render: (_, row) => named(row, i18n.language) },
        { title: t('files.code'), dataIndex: 'code' },
        { title: t('files.kind'), render: (_, row) => t(`words.device.${row.kind}`) },
        { title: t('files.protocol'), render: (_, row) => t(`words.protocol.${row.protocol}`) },
        { title: t('deviceTypes.heartbeat'), render: (_, row) => period(row.heartbeatS) },
        { title: t('deviceTypes.late'), render: (_, row) => period(row.lateS) },
        { title: t('deviceTypes.lost'), render: (_, row) => period(row.lostS) },
        {
          title: t('deviceTypes.battery'),
          render: (_, row) => (
            <span className="num">
              {percent(row.batteryLow)} / {percent(row.batteryRestored)}
            </span>
          ),
        },
      ]}
      list={async ({ q }) => ({
        items: (await all()).filter((one) =>
          `${one.name} ${one.nameEn} ${one.code}`.toLowerCase().includes(q.toLowerCase()),
        ),
        next: null,
      })}
      load={async (id) => (await all()).find((one) => one.code === id) as Full}
      values={valuesOf}
      save={async (given, full) =>
        withId(
          full
            ? await call(api.updateDeviceType, {
                params: { code: full.code },
                body: { version: full.version, form: clean(given) },
              })
            : await call(api.createDeviceType, { body: clean(given) }),
        )
      }
      fields={() => (
        <>
          <Fields>
            <TextField name="code" label={t('files.code')} required max={40} />
            <TextField name="name" label={t('files.name')} required max={60} />
            <TextField name="nameEn" label={t('files.nameEn')} required max={80} />
            <WordField name="kind" label={t('files.kind')} list={deviceKinds} words="device" />
            <WordField name="protocol" label={t('files.protocol')} list={protocols} words="protocol" />
          </Fields>
          <p className="muted">{t('deviceTypes.periods')}</p>
          <Fields>
            <NumberField name="heartbeatS" label={t('deviceTypes.heartbeatS')} min={1} max={31_536_000} />
            <NumberField name="lateS" label={t('deviceTypes.lateS')} min={1} max={31_536_000} />
            <NumberField name="lostS" label={t('deviceTypes.lostS')} min={1} max={31_536_000} />
          </Fields>
          <p className="muted">{t('deviceTypes.batteries')}</p>
          <Fields>
            <PercentField name="batteryLow" label={t('deviceTypes.batteryLow')} />
            <PercentField name="batteryRestored" label={t('deviceTypes.batteryRestored')} />
          </Fields>
          <Form.Item
            name="quirks"
            label={t('deviceTypes.quirks')}
            rules={[
              {
                validator: (_, text: string) =>
                  readQuirks(text) ? Promise.resolve() : Promise.reject(new Error(t('deviceTypes.quirksWrong'))),
              },
            ]}
          >
            <Input.TextArea rows={3} placeholder="name = value" />
          </Form.Item>
        </>
      )}
    />
  )
}

const percent = (share: number) => `${Math.round(share * 100)}%`
/** In the largest unit that it is a whole number of. */
function periodText(seconds: number): string {
  const [unit, size] = seconds % 3_600 === 0 ? ['h', 3_600] : seconds % 60 === 0 ? ['min', 60] : ['s', 1]
  return `${seconds / (size as number)} ${unit}`
}

/** A share of a full battery, typed in percent. */
const PercentField = ({ name, label }: { name: string; label: string }) => (
  <Form.Item
    name={name}
    label={label}
    style={{ marginBottom: 12 }}
    getValueProps={(share: unknown) => ({ value: typeof share === 'number' ? Math.round(share * 100) : undefined })}
    normalize={(shown: unknown) => (typeof shown === 'number' ? shown / 100 : 0)}
  >
    <InputNumber style={{ width: '100%' }} min={0} max={100} precision={0} suffix="%" />
  </Form.Item>
)
