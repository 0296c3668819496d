import { useTranslation } from 'react-i18next'
import { accessRoutes as api } from '../../server/contracts/access.ts'
import { call } from '../lib/api.ts'
import { chooseLocale } from '../lib/i18n.ts'
import { setMuted, useSound } from '../lib/sounds.ts'
import { chooseTheme, useTheme } from '../lib/theme.ts'

export function LanguageSwitch({ keep = false }: { keep?: boolean }) {
  const { t, i18n } = useTranslation()
  const next = i18n.language === 'en' ? 'zh-CN' : 'en'
  return (
    <button
      type="button"
      className="btn quiet"
      lang={next}
      onClick={() => {
        chooseLocale(next)
        if (keep) void call(api.setLocale, { body: { locale: next } }).catch(() => {}) // the choice is kept in the browser too
      }}
    >
      {t('shell.otherLanguage')}
    </button>
  )
}

export function ThemeSwitch() {
  const { t } = useTranslation()
  const theme = useTheme()
  const next = theme === 'dark' ? 'light' : 'dark'
  return (
    <button
      type="button"
      className="btn quiet"
      onClick={() => chooseTheme(next)}
      aria-label={t(`shell.theme.${next}`)}
      title={t(`shell.theme.${next}`)}
    >
      <span aria-hidden="true">{theme === 'dark' ? '☀' : '☾'}</span>
    </button>
  )
}

/** Says whether alarms can be heard; a browser keeps silent until the first click or key. */
export function SoundSwitch() {
  const { t } = useTranslation()
  const sound = useSound()
  return (
    <button
      type="button"
      className={`btn quiet ${sound === 'on' ? '' : 'warn'}`}
      aria-pressed={sound === 'muted'}
      onClick={() => setMuted(sound === 'on')}
      title={t(`shell.sound.${sound}`)}
    >
      <span aria-hidden="true">{sound === 'on' ? '🔔' : '🔕'}</span>
      <span className={sound === 'on' ? 'sr-only' : ''}>{t(`shell.sound.${sound}`)}</span>
    </button>
  )
}
