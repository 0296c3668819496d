import { type ReactNode, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { showLocale } from '../lib/i18n.ts'
import { pressedKey } from '../lib/pressed.ts'
import { Said } from './say.tsx'
import './kiosk.css'

/** How one person needs the screen; the next one finds it as it was. */
export type Look = { contrast: boolean; large: boolean }
export const usualLook: Look = { contrast: false, large: false }

// Long enough that nobody opens the set-up by leaning on the screen.
const holdMs = 3_000

export function Frame({
  place,
  look,
  choose,
  onHold,
  note,
  hotline,
  children,
}: {
  place: string
  hotline: string
  look: Look
  choose: (look: Look) => void
  onHold: () => void
  note: ReactNode
  children: ReactNode
}) {
  const { t, i18n } = useTranslation()
  const other = i18n.language === 'en' ? 'zh-CN' : 'en'
  const toggle = (name: keyof Look) => (
    <button
      type="button"
      className="kiosk-switch"
      aria-pressed={look[name]}
      onClick={() => choose({ ...look, [name]: !look[name] })}
    >
      {t(`kiosk.look.${name}`)}
    </button>
  )
  return (
    <div className="kiosk" data-contrast={look.contrast} data-large={look.large}>
      <header className="kiosk-top">
        <Brand place={place} onHold={onHold} />
        <div className="kiosk-switches" role="group" aria-label={t('kiosk.look.group')}>
          <button type="button" className="kiosk-switch" lang={other} onClick={() => showLocale(other)}>
            {t('shell.otherLanguage')}
          </button>
          {toggle('contrast')}
          {toggle('large')}
        </div>
      </header>
      {note}
      <main className="kiosk-main">{children}</main>
      <footer className="kiosk-foot">
        <p>
          {t('kiosk.emergency')}{' '}
          {(['110', '119', '120'] as const).map((number) => (
            <span key={number} className="kiosk-emergency">
              <strong>{number}</strong> {t(`kiosk.numbers.${number}`)}
            </span>
          ))}
        </p>
        {hotline && (
          <p>
            {t('kiosk.hotline')} <strong>{hotline}</strong>
          </p>
        )}
      </footer>
      <Said />
    </div>
  )
}

/** Held for three seconds, by finger or by key, it opens the set-up; it looks like a name and asks nobody to touch it. */
function Brand({ place, onHold }: { place: string; onHold: () => void }) {
  const { t } = useTranslation()
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const start = () => {
    clearTimeout(timer.current)
    timer.current = setTimeout(onHold, holdMs)
  }
  const stop = () => clearTimeout(timer.current)
  return (
    <button
      type="button"
      className="kiosk-brand"
      aria-description={t('kiosk.brandHold')}
      onPointerDown={start}
      onPointerUp={stop}
      onPointerLeave={stop}
      onPointerCancel={stop}
      onBlur={stop}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => ['Enter', ' '].includes(pressedKey(event) ?? '') && !event.repeat && start()}
      onKeyUp={stop}
    >
      <span className="brand-mark" aria-hidden="true" />
      <span>
        {t('shell.brand')} {place && <span className="kiosk-place">{place}</span>}
      </span>
    </button>
  )
}
