import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import { named } from '../lib/i18n.ts'
import type { KioskInfo, Tile } from './device.ts'
import { Big, Heading, Icon } from './parts.tsx'

type Choose = { call: () => void; write: () => void }

function Two({ call, write }: Choose) {
  const { t } = useTranslation()
  const round = (kind: 'call' | 'write', icon: 'phone' | 'pencil', run: () => void) => (
    <button type="button" className={`kiosk-round ${kind}`} onClick={run}>
      <Icon name={icon} />
      <strong>
        {t(`kiosk.${kind}.title`)
          .split('|')
          .map((part) => (
            <Fragment key={part}>
              {part}
              <wbr />
            </Fragment>
          ))}
      </strong>
      <span>{t(`kiosk.${kind}.hint`)}</span>
    </button>
  )
  return (
    <div className="kiosk-two">
      {round('call', 'phone', call)}
      {round('write', 'pencil', write)}
    </div>
  )
}

/** Two ways of the same rank, to speak and to write; below, what people ask for most. */
export function StartScreen({ info, choose, open }: { info: KioskInfo; choose: Choose; open: (tile: Tile) => void }) {
  const { t, i18n } = useTranslation()
  return (
    <>
      <Heading>{t('kiosk.hello')}</Heading>
      <Two {...choose} />
      {info.tiles.length > 0 && (
        <section className="kiosk-services" aria-labelledby="kiosk-services">
          <h2 id="kiosk-services">{t('kiosk.services')}</h2>
          <ul>
            {info.tiles.map((tile) => (
              <li key={tile.code}>
                <button type="button" className="kiosk-tile" onClick={() => open(tile)}>
                  {named(tile, i18n.language)}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

/** A service was touched: what to say on the telephone, or the first line already written. */
export function ServiceScreen({ tile, choose, home }: { tile: Tile; choose: Choose; home: () => void }) {
  const { t, i18n } = useTranslation()
  const name = named(tile, i18n.language)
  return (
    <div className="kiosk-service">
      <Heading>{name}</Heading>
      <p className="kiosk-say">{t('kiosk.askFor')}</p>
      <p className="kiosk-quote">{t('kiosk.sayThis', { service: name })}</p>
      <Two {...choose} />
      <Big icon="back" onPress={home}>
        {t('kiosk.back')}
      </Big>
    </div>
  )
}
