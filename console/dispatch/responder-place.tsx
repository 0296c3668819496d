import { useTranslation } from 'react-i18next'
import type { ResponderPage } from '../../server/contracts/dispatch.ts'

/** What is written at the door often begins with the word that stands before it anyway. */
function withoutWord(text: string, label: string): string {
  const word = label.replace(/[:\uff1a]\s*$/, '')
  return text.startsWith(word) ? text.slice(word.length).replace(/^[\s:\uff1a]+/, '') : text
}

/** Where it is, how to get in, what to mind. Only there between accepting and an hour after closure. */
export function ResponderPlace({ place }: { place: Place }) {
  const { t } = useTranslation()
  const floor = place.floor === null ? '' : t('incident.floor', { n: place.floor })
  return (
    <section className="responder-place">
      {/* What to mind comes first: it is read before they leave. */}
      <Mind place={place} />
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
      <FoundOut place={place} />
      <p className="row" style={{ marginTop: 8 }}>
        {place.phone && (
          <a className="btn big" href={`tel:${place.phone}`}>
            {t('responder.call')}
          </a>
        )}
        {place.ringBack.number && (
          <a className="btn big" href={`tel:${place.ringBack.number}`}>
            {t('responder.ringBack', { name: place.ringBack.name ?? '' })}
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

type Place = NonNullable<ResponderPage['place']>

function Mind({ place }: { place: Place }) {
  const { t } = useTranslation()
  return (
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
  )
}

/** What the desk knows: what was answered there, and what was written down. */
function FoundOut({ place }: { place: Place }) {
  const { t, i18n } = useTranslation()
  const en = i18n.language === 'en'
  if (place.answers.length === 0 && !place.operatorNote) return null
  return (
    <section className="stack" aria-label={t('responder.foundOut')}>
      <h3>{t('responder.foundOut')}</h3>
      {place.answers.length > 0 && (
        <ul className="found-out">
          {place.answers.map((one) => (
            <li key={one.question}>
              {en ? one.questionEn : one.question} <strong>{en ? one.answerEn : one.answer}</strong>
            </li>
          ))}
        </ul>
      )}
      {place.operatorNote && <p className="written">{place.operatorNote}</p>}
    </section>
  )
}
