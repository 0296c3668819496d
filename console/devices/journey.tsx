import { useTranslation } from 'react-i18next'
import type { DeviceView } from '../../server/contracts/devices.ts'
import { When } from '../ui/marks.tsx'
import { TestAge } from '../ui/test-age.tsx'
import { journeyOf, journeySteps } from './journey.ts'

/** Where a new device is on its way to guarding somebody, and what comes next; of one in service, how well it is. */
export function Journey({ device }: { device: DeviceView }) {
  const { t } = useTranslation()
  const at = journeyOf(device)
  const reached = at ? journeySteps.indexOf(at.reached) : -1
  return (
    <section className="card stack" style={{ marginBottom: 12 }}>
      {at && (
        <>
          <ol className="journey" aria-label={t('journey.title')}>
            {journeySteps.map((step, i) => (
              <li key={step} aria-current={i === reached ? 'step' : undefined} className={i <= reached ? 'done' : ''}>
                {t(`journey.step.${step}`)}
              </li>
            ))}
          </ol>
          <p>
            <strong>{t('journey.next')}</strong> {t(`journey.todo.${at.next}`)}
          </p>
          {device.firstPressAt && (
            <p>
              {t('journey.pressed')} <When at={device.firstPressAt} />
            </p>
          )}
        </>
      )}
      <p className="row">
        {t('files.lastTest')} <TestAge at={device.lastGoodTestAt} />
        {device.faults.map((one) => (
          <span key={one.type} className="chip amber">
            {t(`words.kind.${one.type}`)} <When at={one.since} />
          </span>
        ))}
      </p>
    </section>
  )
}
