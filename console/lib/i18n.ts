import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import type { Locale } from '../../server/contracts/vocabulary.ts'

type Tree = Record<string, unknown>
const files = import.meta.glob<Tree>('../locales/*/*.json', { eager: true, import: 'default' })

/** One JSON for each area of the product; its file name is the first part of the key. */
function resources(locale: Locale): Tree {
  const own = Object.entries(files).filter(([path]) => path.includes(`/locales/${locale}/`))
  return Object.fromEntries(own.map(([path, tree]) => [path.replace(/^.*\/(.+)\.json$/, '$1'), tree]))
}

const first = (): Locale =>
  (localStorage.getItem('yihu.locale') as Locale | null) ?? (navigator.language.startsWith('zh') ? 'zh-CN' : 'en')

await i18next.use(initReactI18next).init({
  lng: first(),
  fallbackLng: 'zh-CN',
  resources: { 'zh-CN': { translation: resources('zh-CN') }, en: { translation: resources('en') } },
  interpolation: { escapeValue: false }, // React escapes
})
document.documentElement.lang = i18next.language

export function chooseLocale(locale: Locale): void {
  localStorage.setItem('yihu.locale', locale)
  showLocale(locale)
}

/** For who stands here now; nothing is kept. */
export function showLocale(locale: Locale): void {
  document.documentElement.lang = locale
  void i18next.changeLanguage(locale)
}

/** Names that the data holds in both languages. */
export const named = (thing: { name: string; nameEn: string }, locale: string): string =>
  locale === 'en' ? thing.nameEn : thing.name
