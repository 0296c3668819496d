import { useTranslation } from 'react-i18next'
import { incidentRoutes as api, type IncidentDetail } from '../../server/contracts/incidents.ts'
import { call } from '../lib/api.ts'
import { ErrorNote } from '../ui/marks.tsx'
import { useCommand } from './detail.ts'

/**
 * The first press of a device that was just installed: most likely the test, and perhaps real. Whoever answers asks by voice; that
 * they were heard puts the device in service.
 */
export function FirstTest({ detail }: { detail: IncidentDetail }) {
  const { t } = useTranslation()
  const device = detail.resident?.devices.find(
    (one) => one.state === 'activated' && detail.alarms.some((alarm) => alarm.deviceId === one.id),
  )
  const confirm = useCommand((deviceId: string) =>
    call(api.confirmDevice, { params: { id: detail.row.id }, body: { deviceId } }),
  )
  if (!device) return null
  return (
    <section className="card stack" style={{ alignItems: 'flex-start' }}>
      <h3>{t('incident.firstTest', { device: t(`words.device.${device.kind}`) })}</h3>
      <p>{t('incident.firstTestHow')}</p>
      <button
        type="button"
        className="btn primary"
        disabled={confirm.isPending}
        onClick={() => confirm.mutate(device.id)}
      >
        {t('incident.firstTestConfirm')}
      </button>
      {confirm.error && <ErrorNote error={confirm.error} />}
    </section>
  )
}
