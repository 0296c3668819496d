import { useTranslation } from 'react-i18next'
import { useSecond } from '../lib/clock.ts'

// As the list of the unprotected counts.
const untestedAfterDays = 30
const dayMs = 86_400_000

/** How many whole days ago it was last shown to work; null when it never was. Pure. */
export const daysSince = (at: string | null, nowMs: number): number | null =>
  at === null ? null : Math.max(0, Math.floor((nowMs - new Date(at).getTime()) / dayMs))

/** Days since the last good test: the same words on every list of devices. */
export function TestAge({ at }: { at: string | null }) {
  const { t } = useTranslation()
  const days = daysSince(at, useSecond() * 1000)
  if (days === null) return <span className="chip amber">{t('unprotected.neverTested')}</span>
  return (
    <span className={`num chip ${days > untestedAfterDays ? 'amber' : ''}`}>
      {days === 0 ? t('ui.testedToday') : t('unprotected.tested', { n: days })}
    </span>
  )
}
