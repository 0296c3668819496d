import { useTranslation } from 'react-i18next'
import type { PressHistory } from '../../server/contracts/incidents.ts'
import { When } from '../ui/marks.tsx'

/** More than this one press: how often, and what came of it. It explains who is there; the answer stays the same. */
export function PressedOften({ presses }: { presses: PressHistory }) {
  const { t } = useTranslation()
  const { lastDay, last30Days, times, pattern } = presses
  if (last30Days.count < 2) return null
  return (
    <div className="stack pressed-often" style={{ gap: 4, marginTop: 6 }}>
      {lastDay.count > 1 && (
        <details>
          <summary>
            <strong>
              {t('incident.pressesDay', { n: lastDay.count })} <When at={times[0] ?? null} />
            </strong>
            {lastDay.falsely > 0 && <span>{t('incident.pressesFalse', { n: lastDay.falsely })}</span>}
          </summary>
          <p className="row" style={{ gap: 8 }}>
            {times.map((at) => (
              <When key={at} at={at} />
            ))}
          </p>
        </details>
      )}
      <p className="row">
        <span>{t('incident.pressesMonth', { n: last30Days.count, falsely: last30Days.falsely })}</span>
        {pattern && <span className="chip amber">{t(`incident.pattern.${pattern}`)}</span>}
      </p>
    </div>
  )
}
