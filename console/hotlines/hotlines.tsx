import { useTranslation } from 'react-i18next'
import { hotlineRoutes as api, type HotlineForm, type HotlineView } from '../../server/contracts/hotlines.ts'
import { promptLocales } from '../../server/contracts/voice.ts'
import { call } from '../lib/api.ts'
import { named } from '../lib/i18n.ts'
import { phoneText } from '../lib/phone-text.ts'
import { may, useAreas, useSignedIn } from '../lib/session.ts'
import { clockIn } from '../lib/zone.ts'
import { AreaField, Fields, FlagField, NumberField, TextField, WordField } from '../ui/fields.tsx'
import { FilePage } from '../ui/file-page.tsx'
import { HoursFields } from './hours-fields.tsx'
import { MenuFields } from './menu-fields.tsx'
import { Nuisances } from './nuisances.tsx'

/** The numbers that people dial, and below them, for supervisors, the numbers whose calls come last for a time. */
export function HotlinesPage() {
  const { t, i18n } = useTranslation()
  const me = useSignedIn()
  const { lineOf } = useAreas()
  const all = async () => (await call(api.hotlines)).items
  const values = (full: HotlineView | undefined): HotlineForm => {
    if (!full)
      return {
        number: '',
        name: '',
        nameEn: '',
        areaId: '',
        locale: 'zh-CN',
        active: true,
        hours: { week: [], dates: [] },
        menu: [],
        overflowNumber: null,
        overflowMinutes: 5,
      }
    const { id: _, version: __, state: ___, ...form } = full
    return form
  }
  return (
    <>
      <FilePage<HotlineView, HotlineView, HotlineForm>
        name="hotlines"
        title={t('shell.place.hotlines')}
        mayWrite={may(me, 'administer')}
        nameOf={(full) => named(full, i18n.language)}
        newTitle={t('files.newOf.hotline')}
        rowId={(row) => row.id}
        columns={[
          { title: t('files.number'), render: (_, row) => <span className="num">{phoneText(row.number)}</span> },
          { title: t('files.name'), render: (_, row) => named(row, i18n.language) },
          { title: t('files.area'), render: (_, row) => lineOf(row.areaId) },
          { title: t('files.greetedIn'), render: (_, row) => t(`words.locale.${row.locale}`) },
          { title: t('hours.state'), render: (_, row) => <OpenNow state={row.state} /> },
          { title: t('files.active'), render: (_, row) => t(row.active ? 'ui.yes' : 'ui.no') },
        ]}
        list={async ({ q }) => ({
          items: (await all()).filter((one) => `${one.number} ${one.name} ${one.nameEn}`.includes(q)),
          next: null,
        })}
        load={async (id) => (await all()).find((one) => one.id === id) as HotlineView}
        values={values}
        save={({ overflowNumber, ...rest }, full) => {
          const form = { ...rest, overflowNumber: overflowNumber?.trim() || null }
          return full
            ? call(api.updateHotline, { params: { id: full.id }, body: { version: full.version, form } })
            : call(api.createHotline, { body: form })
        }}
        fields={() => (
          <>
            <Fields>
              <TextField name="number" label={t('files.number')} required max={16} />
              <TextField name="name" label={t('files.name')} required max={60} />
              <TextField name="nameEn" label={t('files.nameEn')} required max={80} />
              <AreaField name="areaId" label={t('files.area')} required />
              <WordField name="locale" label={t('files.greetedIn')} list={promptLocales} words="locale" />
              <FlagField name="active" label={t('files.active')} />
              <TextField name="overflowNumber" label={t('hours.overflowNumber')} max={30} />
              <NumberField name="overflowMinutes" label={t('hours.overflowMinutes')} min={1} max={60} required />
            </Fields>
            <HoursFields />
            <MenuFields />
          </>
        )}
      />
      {may(me, 'supervise') && <Nuisances />}
    </>
  )
}

/** Open or closed, and until when. */
function OpenNow({ state: { open, until } }: Pick<HotlineView, 'state'>) {
  const { t, i18n } = useTranslation()
  const at = until && clockIn(i18n.language, { dateStyle: 'short', timeStyle: 'short' }).format(new Date(until))
  const word = open ? (at ? 'openUntil' : 'openAlways') : at ? 'closedUntil' : 'closedLong'
  return <span className={`chip ${open ? 'green' : 'amber'}`}>{t(`hours.${word}`, { at })}</span>
}
