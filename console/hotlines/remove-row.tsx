import { Button } from 'antd'
import { useTranslation } from 'react-i18next'

/** Takes the n-th row of a list away; its number tells it from the others for who hears it read. */
export function RemoveRow({ n, remove }: { n: number; remove: () => void }) {
  const { t } = useTranslation()
  return (
    <Button size="small" aria-label={t('hours.removeN', { n })} onClick={remove}>
      {t('files.remove')}
    </Button>
  )
}
