import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import type { ImportedDevice } from '../../server/contracts/device-import.ts'
import { csvText, download } from '../lib/csv.ts'

/** The keys of the new devices, this once: to be taken away before the window closes. */
export function Keys({ devices, taken, onTaken }: { devices: ImportedDevice[]; taken: boolean; onTaken: () => void }) {
  const { t } = useTranslation()
  const take = () => {
    const head = ['account', 'protocol', 'kind', 'resident', 'room', 'server', 'key'].map((one) =>
      t(`imports.keyColumn.${one}`),
    )
    const rows = devices.map((one) => [
      one.account,
      t(`words.protocol.${one.protocol}`),
      t(`words.device.${one.kind}`),
      one.residentName,
      one.room,
      one.server,
      one.key,
    ])
    download('device-keys.csv', csvText([head, ...rows]))
    onTaken()
  }
  return (
    <div className="stack" role="status">
      <p>
        <strong>{t('imports.registered', { n: devices.length })}</strong>
      </p>
      <p>{t('imports.keysOnce')}</p>
      <span className="row">
        <Button type="primary" autoFocus onClick={take}>
          {t('imports.takeKeys')}
        </Button>
        {taken && <span className="chip green">{t('imports.keysTaken')}</span>}
      </span>
    </div>
  )
}
