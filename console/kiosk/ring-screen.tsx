import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { hangUp } from '../lib/caller-phone.ts'
import { ring } from '../lib/sounds.ts'
import { Big, Heading } from './parts.tsx'
import { useSaid } from './say.tsx'

/** Somebody calls this kiosk back: seen across the room, heard if the machine has a loudspeaker. */
export function RingScreen({ pickUp }: { pickUp: () => void }) {
  const { t } = useTranslation()
  useSaid(t('kiosk.ring.title'), true)
  useEffect(() => {
    ring('ordinary')
    return () => ring(undefined)
  }, [])
  return (
    <div className="kiosk-ring">
      <Heading>{t('kiosk.ring.title')}</Heading>
      <p className="kiosk-more">{t('kiosk.ring.more')}</p>
      <div className="kiosk-row">
        <Big kind="call" icon="phone" onPress={pickUp}>
          {t('kiosk.ring.pickUp')}
        </Big>
        <Big onPress={() => void hangUp()}>{t('kiosk.ring.notNow')}</Big>
      </div>
    </div>
  )
}
