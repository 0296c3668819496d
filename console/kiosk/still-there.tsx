import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'

/** Asks whether anybody is there, with the seconds that are left; over everything, and the rest waits. */
export function StillThere({ left, here, leave }: { left: number; here: () => void; leave: () => void }) {
  const { t } = useTranslation()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  return (
    <dialog
      ref={dialog}
      className="kiosk-dialog"
      role="alertdialog"
      aria-labelledby="kiosk-still"
      aria-describedby="kiosk-still-more"
      onCancel={(event) => {
        event.preventDefault()
        here()
      }}
    >
      <h2 id="kiosk-still">{t('kiosk.still.title')}</h2>
      <p id="kiosk-still-more">{t('kiosk.still.more')}</p>
      <p className="kiosk-left num" aria-hidden="true">
        {left}
      </p>
      <div className="kiosk-row">
        <button type="button" className="kiosk-big write" autoFocus onClick={here}>
          <span>{t('kiosk.still.here')}</span>
        </button>
        <button type="button" className="kiosk-big plain" onClick={leave}>
          <span>{t('kiosk.still.leave')}</span>
        </button>
      </div>
    </dialog>
  )
}
