import { accessRoutes } from './access.ts'
import { alarmRoutes } from './alarms.ts'
import { allHandsRoutes } from './all-hands.ts'
import { callRoutes } from './calls.ts'
import { campaignRoutes } from './campaigns.ts'
import { catalogueRoutes } from './catalogue.ts'
import { deviceImportRoutes } from './device-import.ts'
import { deviceRoutes } from './devices.ts'
import { dispatchRoutes } from './dispatch.ts'
import { hotlineRoutes } from './hotlines.ts'
import { incidentRoutes } from './incidents.ts'
import { kioskRoutes } from './kiosk.ts'
import { outageRoutes } from './outage.ts'
import { promptRoutes } from './prompts.ts'
import { providerRoutes } from './providers.ts'
import { queueRoutes } from './queue.ts'
import { residentRoutes } from './residents.ts'
import { strangerRoutes } from './strangers.ts'
import { unprotectedRoutes } from './unprotected.ts'

/** The whole API, one row a route: what is not here does not exist, and what has no permission does not start. */
export const api = {
  ...accessRoutes,
  ...catalogueRoutes,
  ...hotlineRoutes,
  ...residentRoutes,
  ...deviceRoutes,
  ...deviceImportRoutes,
  ...unprotectedRoutes,
  ...strangerRoutes,
  ...campaignRoutes,
  ...providerRoutes,
  ...alarmRoutes,
  ...incidentRoutes,
  ...outageRoutes,
  ...callRoutes,
  ...promptRoutes,
  ...kioskRoutes,
  ...queueRoutes,
  ...allHandsRoutes,
  ...dispatchRoutes,
}
export type Api = typeof api
