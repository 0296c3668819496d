import { useTranslation } from 'react-i18next'

/** What is wrong with a field in words; the server gives a code, or code:value as in `too-small:1`. */
export function useFieldText(): (message: string) => string {
  const { t, i18n } = useTranslation()
  return (message) => {
    const [code = '', value] = message.split(':')
    const known = `faults.field.${code}`
    return i18n.exists(known) ? t(known, { value }) : t('faults.field.other')
  }
}
