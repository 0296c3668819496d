import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { onWayCleared } from '../lib/front.ts'
import { grouped, keyText, useBindings } from '../lib/keys.ts'

export function useDialog(close: () => void) {
  const ref = useRef<HTMLDialogElement>(null)
  const latest = useRef(close)
  latest.current = close
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null
    ref.current?.showModal()
    return () => before?.focus?.()
  }, [])
  useEffect(() => onWayCleared(() => latest.current()), [])
  return { ref, onClose: close, onCancel: close }
}

/** Every key that acts now, in words. */
export function KeyMap({ close }: { close: () => void }) {
  const { t } = useTranslation()
  const dialog = useDialog(close)
  const bindings = useBindings()
  return (
    <dialog className="keymap" aria-label={t('keys.map')} {...dialog}>
      <h2 style={{ fontSize: 16 }}>{t('keys.map')}</h2>
      <dl>
        {grouped(bindings).map(({ keys, does }) => (
          <div key={does} style={{ display: 'contents' }}>
            <dt>
              <Keys keys={keys} />
            </dt>
            <dd>{t(does)}</dd>
          </div>
        ))}
      </dl>
      <button type="button" className="btn" onClick={close}>
        {t('ui.close')} <kbd>Esc</kbd>
      </button>
    </dialog>
  )
}

/** One key, both of two, or the first and the last of a run. */
function Keys({ keys }: { keys: string[] }) {
  const { t } = useTranslation()
  const text = (key: string | undefined) => <kbd>{key === ' ' ? t('keys.space') : keyText(key ?? '')}</kbd>
  if (keys.length === 1) return text(keys[0])
  return (
    <>
      {text(keys[0])} {keys.length > 2 && '–'} {text(keys.at(-1))}
    </>
  )
}
