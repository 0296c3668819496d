import { useTranslation } from 'react-i18next'
import { inLanguage } from '../../server/contracts/known-words.ts'

/** Who a contact is, which room, when: in the reader's language where it is known, else as it was written. */
export function useKnown(): (text: string) => string {
  const { i18n } = useTranslation()
  return (text) => inLanguage(text, i18n.language)
}
