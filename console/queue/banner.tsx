import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { queueRoutes } from '../../server/contracts/queue.ts'
import { call } from '../lib/api.ts'
import { useRow } from '../lib/board.ts'
import { keyText, useKeys } from '../lib/keys.ts'
import { kindWord, useMedium } from '../lib/on-the-line.ts'
import { answerChord } from '../lib/pressed.ts'
import { useAreas } from '../lib/session.ts'
import { ClassBadge, Elapsed, ErrorNote, Reasons } from '../ui/marks.tsx'
import { useAccept } from './accept.ts'
import { passOffer, useOffers } from './live.ts'
import { usePresenceNames } from './names.ts'
import './queue.css'

/** What rings at me, on every page, as a strip and never a dialog: whatever I am typing stays where it is. */
export function OfferBanner() {
  const { t } = useTranslation()
  const { accept, error } = useAccept()
  const offers = useOffers()
  const offer = offers[0]
  const row = useRow(offer?.incidentId)
  const { nameOf } = useAreas()
  const medium = useMedium(offer?.incidentId)
  const kind = row ? t(kindWord(row.kind, medium)) : ''
  const names = usePresenceNames()
  const [said, setSaid] = useState('')
  const decline = () => {
    if (!offer) return
    passOffer(offer.id)
    void call(queueRoutes.declineOffer, { params: { id: offer.id } }).catch(() => {}) // it rings out by itself
  }
  useKeys(
    offer
      ? [
          ...['a', ' ', answerChord].map((key) => ({
            key,
            does: 'keys.accept',
            run: () => accept(offer.incidentId),
            first: true,
          })),
          { key: 'x', does: 'keys.decline', run: decline, first: true },
        ]
      : [],
  )
  const incidentId = row?.id
  const text = row
    ? t('board.ringing', {
        class: t(`words.class.${row.class}`),
        kind,
        area: nameOf(row.areaId),
      })
    : ''
  useEffect(() => {
    if (!incidentId) return void setSaid('')
    setSaid(text)
    const title = document.title
    const timer = setInterval(() => {
      document.title = document.title === title ? `● ${text}` : title
    }, 800)
    return () => {
      clearInterval(timer)
      document.title = title
    }
  }, [incidentId, text])
  return (
    <>
      <div className="sr-only" role="alert">
        {said}
      </div>
      {offer && row && (
        <section className={`offer offer-${row.class}`} aria-label={t('board.offer')}>
          <ClassBadge value={row.class} />
          <strong className="pulse">{kind}</strong>
          <span>{nameOf(row.areaId)}</span>
          <span className="muted">#{row.number}</span>
          <span className="chip">
            {t('board.waitingFor')} <Elapsed since={row.queuedAt} />
          </span>
          <span className="offer-why">
            {offer.fromId ? (
              <span className="chip accent">{t('board.handedOver', { name: names.get(offer.fromId) ?? '' })}</span>
            ) : (
              <Reasons list={offer.reasons} />
            )}
          </span>
          {offers.length > 1 && <span className="chip amber">{t('board.moreRing', { n: offers.length - 1 })}</span>}
          <span className="offer-do">
            <button type="button" className="btn" onClick={decline}>
              {t('board.decline')} <kbd>X</kbd>
            </button>
            <button type="button" className="btn primary" onClick={() => accept(offer.incidentId)}>
              {t('board.accept')} <kbd>A</kbd>
              <kbd title={t('board.whileTyping')}>{keyText(answerChord)}</kbd>
            </button>
          </span>
        </section>
      )}
      {error !== undefined && <ErrorNote error={error} />}
    </>
  )
}
