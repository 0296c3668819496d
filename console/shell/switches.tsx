import { useTranslation } from 'react-i18next'
import { accessRoutes as api } from '../../server/contracts/access.ts'
import { call } from '../lib/api.ts'
import { chooseLocale } from '../lib/i18n.ts'
import { setMuted, useSound } from '../lib/sounds.ts'
import { chooseTheme, useTheme } from '../lib/theme.ts'

const moon = 'M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5Z'
const sun =
  'M8 4.5A3.5 3.5 0 1 0 8 11.5 3.5 3.5 0 0 0 8 4.5ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1'
const bell = 'M4 11V7a4 4 0 0 1 8 0v4l1 1.5H3L4 11ZM6.5 14h3'
const bellOff = `${bell}M2 2l12 12`

function Icon({ path }: { path: string }) {
  return (
    <svg
      viewBox="0 0 16 16"
      width="16"
      height="16"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={path} />
    </svg>
  )
}

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
      <Icon path={theme === 'dark' ? sun : moon} />
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
      <Icon path={sound === 'on' ? bell : bellOff} />
      <span className={sound === 'on' ? 'sr-only' : ''}>{t(`shell.sound.${sound}`)}</span>
    </button>
  )
}
