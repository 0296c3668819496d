import i18next from 'i18next'
import { stepsOfClass } from '../../server/contracts/escalation.ts'

const minute = 60

/** After how long this step comes for this class, in words: a technical one climbs more slowly than a life. */
export function stepTime(step: number, incidentClass: number): string {
  const seconds = stepsOfClass(incidentClass)[step - 1] ?? 0
  const minutes = Number((seconds / minute).toFixed(1))
  return seconds > 3 * minute ? i18next.t('ui.minutes', { n: minutes }) : i18next.t('ui.seconds', { n: seconds })
}
