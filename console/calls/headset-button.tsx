import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { onWayCleared } from '../lib/front.ts'
import { connectHeadset, useHeadset } from '../lib/headset.ts'
import { whyNot } from '../lib/microphone.ts'
import { SoundPanel } from './sound-panel.tsx'
import './calls.css'

/** The true state of my telephone, on every page; a click connects it, or opens its settings and the self-test. */
export function HeadsetButton() {
  const { t } = useTranslation()
  const headset = useHeadset()
  const [open, setOpen] = useState(false)
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (!open) return
    dialog.current?.showModal()
    return onWayCleared(() => setOpen(false))
  }, [open])
  const state =
    headset.status === 'up' ? (headset.talking ? (headset.muted ? 'muted' : 'talking') : 'ready') : headset.status
  const click = () => {
    if (headset.status === 'off' && !whyNot()) void connectHeadset()
    else setOpen(true)
  }
  return (
    <>
      <button type="button" className={`btn headset ${state}`} onClick={click} title={t(`calls.headsetHint.${state}`)}>
        <span className="call-dot" aria-hidden="true" />
        <span role="status">{t(`calls.headset.${state}`)}</span>
      </button>
      {open && (
        <dialog ref={dialog} className="sheet" aria-label={t('calls.sound')} onClose={() => setOpen(false)}>
          <SoundPanel />
          <div className="row" style={{ justifyContent: 'flex-end' }}>
            <button type="button" className="btn primary" onClick={() => dialog.current?.close()}>
              {t('ui.close')}
            </button>
          </div>
        </dialog>
      )}
    </>
  )
}
