import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useBindings } from '../lib/keys.ts'

export function useDialog(close: () => void) {
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null
    ref.current?.showModal()
    return () => before?.focus?.()
  }, [])
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
        {bindings.map((binding) => (
          <div key={binding.key} style={{ display: 'contents' }}>
            <dt>
              <kbd>{binding.key === ' ' ? t('keys.space') : binding.key}</kbd>
            </dt>
            <dd>{t(binding.does)}</dd>
          </div>
        ))}
      </dl>
      <button type="button" className="btn" onClick={close}>
        {t('ui.close')} <kbd>Esc</kbd>
      </button>
    </dialog>
  )
}
