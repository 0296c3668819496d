import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFaultText } from '../ui/marks.tsx'
import { askKiosk } from './device.ts'
import { Big, Heading } from './parts.tsx'
import { useSaid } from './say.tsx'

type Props = { save: (key: string) => void; linked: string; cancel: (() => void) | undefined }

/**
 * The key that an administrator issued for this kiosk; the old one stays until a new one has opened the door. One that came by an
 * enrolment link is tried by itself.
 */
export function SetUp({ save, linked, cancel }: Props) {
  const { t } = useTranslation()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const text = useFaultText()
  const fault = error === undefined ? '' : text(error)
  useSaid(fault, true)
  async function open(key: string) {
    setBusy(true)
    setError(undefined)
    try {
      await askKiosk(key)
      save(key)
    } catch (reason) {
      setError(reason)
    }
    setBusy(false)
  }
  function enter(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    void open(String(new FormData(event.currentTarget).get('key')).trim())
  }
  const tried = useRef(false)
  useEffect(() => {
    if (linked === '' || tried.current) return
    tried.current = true
    void open(linked)
  })
  return (
    <form className="kiosk-set-up" onSubmit={enter}>
      <Heading>{t('kiosk.setUp.title')}</Heading>
      <p id="kiosk-key-how">{t('kiosk.setUp.how')}</p>
      <label className="kiosk-field">
        {t('kiosk.setUp.key')}
        <input
          name="key"
          required
          defaultValue={linked}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          aria-describedby="kiosk-key-how"
          aria-invalid={fault !== ''}
        />
      </label>
      {fault && <p className="kiosk-fault">{fault}</p>}
      <div className="kiosk-row">
        <button type="submit" className="kiosk-big write" disabled={busy}>
          <span>{t(busy ? 'kiosk.setUp.looking' : 'kiosk.setUp.save')}</span>
        </button>
        {cancel && <Big onPress={cancel}>{t('kiosk.setUp.cancel')}</Big>}
      </div>
    </form>
  )
}
