import { useTranslation } from 'react-i18next'
import type { ResponderPage } from '../../server/contracts/dispatch.ts'

/** What is written at the door often begins with the word that stands before it anyway. */
function withoutWord(text: string, label: string): string {
  const word = label.replace(/[:\uff1a]\s*$/, '')
  return text.startsWith(word) ? text.slice(word.length).replace(/^[\s:\uff1a]+/, '') : text
}

/** Where it is, how to get in, what to mind. Only there between accepting and an hour after closure. */
export function ResponderPlace({ place }: { place: NonNullable<ResponderPage['place']> }) {
  const { t } = useTranslation()
  const floor = place.floor === null ? '' : t('incident.floor', { n: place.floor })
  return (
    <section className="responder-place">
      <h2>{place.nameToUse}</h2>
      <p className="address">
        {place.address} {place.building} {place.entrance} {place.room}
      </p>
      <p className="muted">
        {floor} · {t(place.lift ? 'incident.lift' : 'incident.noLift')}
      </p>
      {place.access && (
        <p className="access">
          {t('responder.access')} {withoutWord(place.access, t('responder.access'))}
        </p>
      )}
      {place.standingInstruction && <p className="instruction">{place.standingInstruction}</p>}
      <p className="row" style={{ gap: 4 }}>
        {place.hearing !== 'ordinary' && <span className="chip amber">{t(`words.hearing.${place.hearing}`)}</span>}
        {place.risks.map((risk) => (
          <span className="chip red" key={risk}>
            {t(`words.risk.${risk}`)}
          </span>
        ))}
        {place.languages.map((language) => (
          <span className="chip" key={language}>
            {t(`words.language.${language}`)}
          </span>
        ))}
      </p>
      <p className="row" style={{ marginTop: 8 }}>
        {place.phone && (
          <a className="btn big" href={`tel:${place.phone}`}>
            {t('responder.call')}
          </a>
        )}
        {place.lat !== null && (
          <a className="btn big" href={`geo:${place.lat},${place.lon}?q=${place.lat},${place.lon}`}>
            {t('responder.navigate')}
          </a>
        )}
      </p>
    </section>
  )
}
