import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { ResidentView } from '../../server/contracts/residents.ts'
import { useKnown } from '../lib/known.ts'
import { TestAge } from '../ui/test-age.tsx'

/** Their devices, and when each was last shown to work. */
export function DevicesOf({ resident }: { resident: ResidentView }) {
  const { t } = useTranslation()
  const known = useKnown()
  if (resident.devices.length === 0) return null
  return (
    <section className="card" style={{ marginBottom: 12 }}>
      <h3>{t('shell.place.devices')}</h3>
      <ul className="stack" style={{ gap: 4 }}>
        {resident.devices.map((one) => (
          <li key={one.id} className="row">
            <Link to="/devices" search={{ id: one.id }}>
              {t(`words.device.${one.kind}`)} {known(one.room)}
            </Link>
            <span className={`chip ${one.state === 'in-service' ? 'green' : 'amber'}`}>
              {t(`words.deviceState.${one.state}`)}
            </span>
            <TestAge at={one.lastGoodTestAt} />
          </li>
        ))}
      </ul>
    </section>
  )
}
